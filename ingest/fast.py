"""The short way for a message in which everything is in order: typed decoding, then one count.

msgspec silently keeps the last of two equal keys. They are found by counting: in valid JSON without a backslash every
quotation mark opens or closes a string, and a decoded message without unknown fields tells how many strings it must
have had. One more is a key that came twice.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from ingest.device import Device, Gateway
from ingest.jsontext import LONGEST
from ingest.reading import Reading

MOST_OBJECTS = 1000
GREATEST_SEQ = (1 << 63) - 1
_UNSET = msgspec.UNSET


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    ts: str | int | float
    values: dict[str, float]
    seq: Annotated[int, msgspec.Meta(ge=0, le=GREATEST_SEQ)] | msgspec.UnsetType = _UNSET
    sensor: str | msgspec.UnsetType = _UNSET


_decode = msgspec.json.Decoder(_Message | list[_Message]).decode


def read(
    route: Device | Gateway, devices: Mapping[str, Device], payload: bytes, earliest: int, latest: int
) -> list[Reading] | None:
    """The readings of a message in which nothing is to be refused; None when anything is or might be."""
    if len(payload) > LONGEST:
        return None
    try:
        found = _decode(payload)
    except (ValueError, RecursionError):  # msgspec's errors and UnicodeDecodeError are ValueErrors
        return None
    if b"\\" in payload:
        return None
    messages = found if type(found) is list else (found,)
    if not 0 < len(messages) <= MOST_OBJECTS:
        return None
    readings: list[Reading] = []
    strings = 0
    for message in messages:
        sensor, values, ts = message.sensor, message.values, message.ts
        if type(route) is Device:
            device = route
            if sensor is not _UNSET and sensor != device.id:
                return None
        else:
            owner = devices.get(sensor) if type(sensor) is str else None
            if owner is None or owner.gateway != route.id:
                return None
            device = owner
        if not values:
            return None
        try:
            at = device.instant(ts)
        except ValueError:
            return None
        if not earliest <= at <= latest:
            return None
        scales, name = device.scales, device.id
        for metric, raw in values.items():
            scale = scales.get(metric)
            if scale is None:
                return None
            value = scale.canonical(raw, at)
            if not scale.lowest <= value <= scale.highest:
                return None
            readings.append(Reading(name, metric, at, value))
        # the keys `ts` and `values`, those inside `values`, and what else there is of keys and texts
        strings += 2 + len(values) + (type(ts) is str) + (message.seq is not _UNSET) + 2 * (sensor is not _UNSET)
    return readings if payload.count(b'"') == 2 * strings else None
