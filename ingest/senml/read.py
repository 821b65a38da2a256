"""A SenML message to readings and refusals, on the same topics and with the same answers as the device contract."""

from collections.abc import Mapping
from dataclasses import replace

from ingest import jsontext
from ingest.device import Device, Gateway, Scale
from ingest.fast import MOST_OBJECTS
from ingest.reading import Outcome, Reading, RefusedError, shown
from ingest.senml import cbor
from ingest.senml.pack import ABSOLUTE, LABELS, Record, resolve
from ingest.senml.units import senml_units
from rules.refusal import Code, Refusal

# An array in CBOR begins with one of these bytes, and no JSON does.
_CBOR_ARRAY = frozenset(range(0x80, 0xA0)) | {0xD9}


def is_cbor(payload: bytes) -> bool:
    """Does it begin as a CBOR array (or the tag of self-described CBOR) does?"""
    return payload[:1] != b"" and payload[0] in _CBOR_ARRAY


def is_senml(payload: bytes) -> bool:
    """Is it a pack rather than a message of our own contract, whose objects have `values` and `ts`?"""
    if is_cbor(payload):
        return True
    if payload.lstrip()[:1] != b"[":
        return False
    try:
        data = jsontext.parse(payload)
    except RefusedError:
        return False  # whoever reads it next says why
    if not isinstance(data, list) or not data or not isinstance(data[0], dict):
        return False
    return not LABELS.isdisjoint(data[0]) and {"values", "ts"}.isdisjoint(data[0])


def read(route: Device | Gateway, devices: Mapping[str, Device], payload: bytes, earliest: int, latest: int) -> Outcome:
    """Every sound reading and a refusal for all else. Never raises, whatever the bytes.

    Records that hold texts, booleans or data are refused one by one, and so are times relative to now.
    """
    try:
        pack = cbor.parse(payload) if is_cbor(payload) else jsontext.parse(payload)
        if isinstance(pack, list) and len(pack) > MOST_OBJECTS:
            raise RefusedError(Code.too_large, f"{len(pack)} records, {MOST_OBJECTS} at most")
        records = resolve(pack)
        if not records:
            raise RefusedError(Code.empty, "base fields and no record")
    except RefusedError as refused:
        return Outcome((), (refused.at(-1),))
    readings: list[Reading] = []
    refusals: list[Refusal] = []
    for place, record in enumerate(records):
        try:
            readings.append(_reading(route, devices, record, earliest, latest))
        except RefusedError as refused:
            refusals.append(refused.at(place))
    return Outcome(readings, refusals)


def _reading(
    route: Device | Gateway, devices: Mapping[str, Device], record: Record, earliest: int, latest: int
) -> Reading:
    device, metric = _whose(route, devices, record)
    at = _instant(record.time)
    if at < earliest:
        raise RefusedError(Code.too_old, f"{at} ms, from {earliest} on is accepted now")
    if at > latest:
        raise RefusedError(Code.too_far_ahead, f"{at} ms, up to {latest} is accepted now")
    if isinstance(record.value, bool) or not isinstance(record.value, int | float):
        raise RefusedError(Code.not_a_number, f"{metric} is {shown(str(record.value))}")
    scale = _scale(device, metric, record.unit)
    value = scale.canonical(record.value, at)
    if not scale.lowest <= value <= scale.highest:
        raise RefusedError(
            Code.out_of_range, f"{metric} {value:g} {scale.unit}, physical are {scale.lowest:g} to {scale.highest:g}"
        )
    return Reading(device.id, metric, at, value)


def _whose(route: Device | Gateway, devices: Mapping[str, Device], record: Record) -> tuple[Device, str]:
    """Sensor and metric of a record's name: `<sensor>:<metric>` or `<sensor>/<metric>`; on a sensor's own topic also
    `<metric>`; and the sensor alone, where its unit is that of only one of its metrics."""
    name = record.name
    if isinstance(route, Device):
        if name in route.scales:
            return route, name
        if name == route.id:
            return route, _by_unit(route, record.unit)
    elif name in devices:
        return _owned(route, devices[name]), _by_unit(devices[name], record.unit)
    cut = max(name.rfind(":"), name.rfind("/"))
    owner, metric = name[: max(cut, 0)], name[cut + 1 :]
    if isinstance(route, Device):
        device = route
        if owner not in ("", route.id):
            raise RefusedError(Code.topic_mismatch, f"the topic is {route.id}'s, the record {shown(name)}'s")
    else:
        if owner not in devices:
            raise RefusedError(Code.unknown_sensor, f"no sensor {shown(owner)} in the registry")
        device = _owned(route, devices[owner])
    if metric not in device.scales:
        raise RefusedError(Code.unknown_metric, f"{device.id} measures no {shown(metric)}")
    return device, metric


def _owned(route: Gateway, device: Device) -> Device:
    if device.gateway != route.id:
        raise RefusedError(
            Code.gateway_mismatch, f"the gateway of {device.id} is {device.gateway or 'none'}, not {route.id}"
        )
    return device


def _by_unit(device: Device, unit: str) -> str:
    metrics = [metric for metric in device.scales if unit in senml_units(metric)]
    if len(metrics) != 1:
        raise RefusedError(Code.unknown_metric, f"{shown(unit)} is the unit of {len(metrics)} metrics of {device.id}")
    return metrics[0]


def _scale(device: Device, metric: str, symbol: str) -> Scale:
    """By the record's own unit; without one, by that of the registry. Calibrations are the registry's in any case."""
    if not symbol:
        return device.scales[metric]
    unit = senml_units(metric).get(symbol)
    if unit is None:
        known = ", ".join(senml_units(metric))
        raise RefusedError(Code.unit_unknown, f"{metric} in {shown(symbol)}, SenML has it in {known}")
    return Scale(metric, replace(device.sensor.channels[metric], unit=symbol, scale=unit.scale, shift=unit.shift))


def _instant(time: float) -> int:
    """ms. A time relative to now is none: the broker may deliver a message twice, and it would become two readings."""
    if time < ABSOLUTE:
        raise RefusedError(Code.bad_time, f"{time:g} s is relative to now; send the time since 1970")
    return round(time * 1000)
