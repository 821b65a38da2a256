"""Entities of the Smart Data Models on the topics of the device contract: one, an array of them, or a notification."""

from collections.abc import Mapping
from dataclasses import replace

from ingest import jsontext
from ingest.device import Device, Gateway, Scale
from ingest.fast import MOST_OBJECTS
from ingest.reading import Outcome, Reading, RefusedError, shown
from rules.refusal import Code, Refusal
from rules.smartdata.models import MODELS
from rules.smartdata.observation import Observation
from rules.smartdata.read import EntityError, read_entity
from rules.units import METRICS

_NAMES = tuple(name.encode() for name in MODELS)
_NOTICE = "Notification"
_WHOLE = {"shape": Code.wrong_shape, "model": Code.wrong_shape, "time": Code.bad_time}
_PART = {
    "number": Code.not_a_number,
    "finite": Code.not_finite,
    "unit": Code.unit_unknown,
    "range": Code.out_of_range,
    "period": Code.bad_time,
}


def is_fiware(payload: bytes) -> bool:
    """Does it hold entities of one of our models, rather than messages of our own contract?"""
    if not any(name in payload for name in _NAMES):
        return False
    try:
        items = _entities(jsontext.parse(payload))
    except RefusedError:
        return False  # whoever reads it next says why
    first = items[0] if items else None
    return isinstance(first, dict) and first.get("type") in MODELS and "values" not in first


def read(route: Device | Gateway, devices: Mapping[str, Device], payload: bytes, earliest: int, latest: int) -> Outcome:
    """Every sound reading and a refusal for all else. Never raises, whatever the bytes.

    On a sensor's own topic entities are that sensor's; from a gateway `refDevice`, or else the id, names the sensor.
    Attributes that the registry does not list for it are refused.
    """
    try:
        items = _entities(jsontext.parse(payload))
        if not items:
            raise RefusedError(Code.empty, "no entity")
        if len(items) > MOST_OBJECTS:
            raise RefusedError(Code.too_large, f"{len(items)} entities, {MOST_OBJECTS} at most")
    except RefusedError as refused:
        return Outcome((), (refused.at(-1),))
    readings: list[Reading] = []
    refusals: list[Refusal] = []
    place = 0
    for item in items:
        try:
            seen, wrong = read_entity(item)
            device = _device(route, devices, seen)
            _in_time(seen.since, earliest, latest)
            if not seen.values and not wrong:
                raise RefusedError(Code.empty, f"{seen.model.name} with none of its numbers")
        except EntityError as error:
            refusals.append(Refusal(_WHOLE[error.kind], str(error), place))
            place += 1
            continue
        except RefusedError as refused:
            refusals.append(refused.at(place))
            place += 1
            continue
        for metric, value in seen.values.items():
            try:
                readings.append(_reading(device, metric, seen.since, value))
            except RefusedError as refused:
                refusals.append(refused.at(place))
            place += 1
        for fault in wrong:
            refusals.append(Refusal(_PART[fault.kind], fault.detail, place))
            place += 1
    return Outcome(readings, refusals)


def _entities(data: object) -> list[object]:
    """Of a notification (NGSI-LD or NGSIv2), what stands in its `data`."""
    if isinstance(data, dict) and isinstance(data.get("data"), list) and data.get("type", _NOTICE) == _NOTICE:
        data = data["data"]
    return data if isinstance(data, list) else [data]


def _device(route: Device | Gateway, devices: Mapping[str, Device], seen: Observation) -> Device:
    if isinstance(route, Device):
        if seen.device and seen.device != route.id:
            raise RefusedError(Code.topic_mismatch, f"the topic is {route.id}'s, the entity {shown(seen.device)}'s")
        return route
    name = seen.device or seen.id.removeprefix(f"urn:ngsi-ld:{seen.model.name}:")
    device = devices.get(name)
    if device is None:
        raise RefusedError(Code.unknown_sensor, f"no sensor {shown(name)} in the registry")
    if device.gateway != route.id:
        raise RefusedError(
            Code.gateway_mismatch, f"the gateway of {name} is {device.gateway or 'none'}, not {route.id}"
        )
    return device


def _in_time(at: int, earliest: int, latest: int) -> None:
    if at < earliest:
        raise RefusedError(Code.too_old, f"{at} ms, from {earliest} on is accepted now")
    if at > latest:
        raise RefusedError(Code.too_far_ahead, f"{at} ms, up to {latest} is accepted now")


def _reading(device: Device, metric: str, at: int, value: float) -> Reading:
    """The entity says its unit, so of the registry only the calibration is applied."""
    channel = device.sensor.channels.get(metric)
    if channel is None:
        raise RefusedError(Code.unknown_metric, f"{device.id} measures no {metric}")
    scale = Scale(metric, replace(channel, unit=METRICS[metric].unit, scale=1.0, shift=0.0))
    found = scale.canonical(value, at)
    if not scale.lowest <= found <= scale.highest:
        raise RefusedError(Code.out_of_range, f"{metric} {found:g} {scale.unit} once calibrated")
    return Reading(device.id, metric, at, found)
