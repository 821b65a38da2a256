"""The long way for a message in which something is off: what is sound in it, and why the rest is not."""

from collections.abc import Mapping
from math import isfinite

from ingest import jsontext
from ingest.device import Device, Gateway
from ingest.fast import GREATEST_SEQ, MOST_OBJECTS
from ingest.reading import Outcome, Reading, RefusedError, shown
from rules.refusal import Code, Refusal


def read(route: Device | Gateway, devices: Mapping[str, Device], payload: bytes, earliest: int, latest: int) -> Outcome:
    """Every sound reading and a refusal for all else. Never raises, whatever the bytes."""
    try:
        data = jsontext.parse(payload)
        items = data if isinstance(data, list) else [data]
        if not items:
            raise RefusedError(Code.empty, "an empty array")
        if len(items) > MOST_OBJECTS:
            raise RefusedError(Code.too_large, f"{len(items)} objects, {MOST_OBJECTS} at most")
    except RefusedError as refused:
        return Outcome((), (refused.at(-1),))
    readings: list[Reading] = []
    refusals: list[Refusal] = []
    place = 0
    for item in items:
        try:
            device, at, values, units = _head(route, devices, item, earliest, latest)
        except RefusedError as refused:
            refusals.append(refused.at(place if isinstance(data, list) else -1))
            place += 1
            continue
        for metric, raw in values.items():
            try:
                readings.append(Reading(device.id, metric, at, _value(device, metric, raw, at, units)))
            except RefusedError as refused:
                refusals.append(refused.at(place))
            place += 1
    return Outcome(readings, refusals)


def _head(
    route: Device | Gateway, devices: Mapping[str, Device], item: object, earliest: int, latest: int
) -> tuple[Device, int, dict[str, object], dict[str, object]]:
    """Sensor, time, values and units of one object. Raises RefusedError when it is refused whole."""
    if not isinstance(item, dict):
        raise RefusedError(Code.wrong_shape, "a message is an object, or an array of objects")
    device = _device(route, devices, item)
    for name in ("ts", "values"):
        if name not in item:
            raise RefusedError(Code.missing_field, f"no {name!r}")
    values, units = item["values"], item.get("units", {})
    if not isinstance(values, dict) or not isinstance(units, dict):
        raise RefusedError(Code.wrong_shape, "'values' and 'units' are objects by metric")
    if "seq" in item and not (type(item["seq"]) is int and 0 <= item["seq"] <= GREATEST_SEQ):
        raise RefusedError(Code.wrong_shape, "'seq' is a whole number from 0")
    try:
        at = device.instant(item["ts"])
    except ValueError as error:
        raise RefusedError(Code.bad_time, str(error)) from error
    if at < earliest:
        raise RefusedError(Code.too_old, f"{at} ms, from {earliest} on is accepted now")
    if at > latest:
        raise RefusedError(Code.too_far_ahead, f"{at} ms, up to {latest} is accepted now")
    if not values:
        raise RefusedError(Code.empty, "'values' holds nothing")
    return device, at, values, units


def _device(route: Device | Gateway, devices: Mapping[str, Device], item: dict[str, object]) -> Device:
    name = item.get("sensor", route.id if isinstance(route, Device) else None)
    if name is None and "sensor" not in item:
        raise RefusedError(Code.missing_field, "a gateway's message names its 'sensor'")
    if not isinstance(name, str):
        raise RefusedError(Code.wrong_shape, "'sensor' is a text")
    if isinstance(route, Device):
        if name != route.id:
            raise RefusedError(Code.topic_mismatch, f"the topic is {route.id}'s, the message {shown(name)}'s")
        return route
    device = devices.get(name)
    if device is None:
        raise RefusedError(Code.unknown_sensor, f"no sensor {shown(name)} in the registry")
    if device.gateway != route.id:
        theirs = device.gateway or "none"
        raise RefusedError(Code.gateway_mismatch, f"the gateway of {name} is {theirs}, not {route.id}")
    return device


def _value(device: Device, metric: str, raw: object, at: int, units: dict[str, object]) -> float:
    scale = device.scales.get(metric)
    if scale is None:
        raise RefusedError(Code.unknown_metric, f"{device.id} measures no {shown(metric)}")
    if metric in units and units[metric] != scale.sent:
        raise RefusedError(Code.unit_unknown, f"{shown(str(units[metric]))}, the registry says {scale.sent}")
    if type(raw) is not int and type(raw) is not float:
        raise RefusedError(Code.not_a_number, f"{metric} is {shown(str(raw))}")
    number = _double(raw)
    if not isfinite(number):
        raise RefusedError(Code.not_finite, f"{metric} is too great for a double")
    value = scale.canonical(number, at)
    if not scale.lowest <= value <= scale.highest:
        raise RefusedError(
            Code.out_of_range, f"{metric} {value:g} {scale.unit}, physical are {scale.lowest:g} to {scale.highest:g}"
        )
    return value


def _double(raw: int | float) -> float:
    try:
        return float(raw)
    except OverflowError:
        return float("inf")
