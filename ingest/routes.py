"""Whose message is it: an MQTT topic to the device or gateway that may publish there."""

from collections.abc import Mapping

from ingest.device import Device, Gateway, gateways_of
from ingest.reading import RefusedError, shown
from rules.refusal import Code, Refusal
from rules.sensor import ID, Sensor

GATEWAY = "gateway"
# Strangers must not fill the memory with topics of their own: that many, none longer than this, are remembered.
_REMEMBERED = 100_000
_LONGEST = 256


class Routes:
    """The registry by topic. A topic that was seen before costs one look-up, refused ones too."""

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        self.devices = {sensor.id: Device(sensor) for sensor in sensors.values()}
        self._gateways = gateways_of(sensors)
        self._known: dict[bytes, Device | Gateway | Refusal] = {}

    def find(self, topic: bytes) -> Device | Gateway | Refusal:
        found = self._known.get(topic)
        if found is None:
            try:
                found = self._resolve(topic)
            except RefusedError as refused:
                found = refused.at(-1)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            if len(topic) <= _LONGEST:
                self._known[topic] = found
        return found

    def _resolve(self, topic: bytes) -> Device | Gateway:
        district, kind, name = _levels(topic)
        if kind == GATEWAY:
            gateway = self._gateways.get(name)
            if gateway is None:
                raise RefusedError(Code.unknown_sensor, f"no sensor of the registry has a gateway {name}")
            if district not in gateway.districts:
                raise RefusedError(Code.topic_mismatch, f"gateway {name} serves no sensor in {shown(district)}")
            return gateway
        device = self.devices.get(name)
        if device is None:
            raise RefusedError(Code.unknown_sensor, f"no sensor {name} in the registry")
        sensor = device.sensor
        if (district, kind) != (sensor.district, sensor.kind):
            raise RefusedError(
                Code.topic_mismatch,
                f"{name} is {sensor.kind} in {sensor.district}, the topic says {shown(kind)} in {shown(district)}",
            )
        return device


def _levels(topic: bytes) -> tuple[str, str, str]:
    """District, kind and sensor id. Raises RefusedError(bad_topic)."""
    try:
        levels = topic.decode().split("/")
    except UnicodeDecodeError as error:
        raise RefusedError(Code.bad_topic, f"not UTF-8 at byte {error.start}") from error
    if len(levels) != 4 or levels[0] != "city":
        raise RefusedError(Code.bad_topic, f"{len(levels)} levels, the first {shown(levels[0])}")
    for level in levels[1:3]:
        if not level.isprintable() or not level or not {"+", "#", "$"}.isdisjoint(level):
            raise RefusedError(Code.bad_topic, f"a level {shown(level)}")
    if not ID.fullmatch(levels[3]):
        raise RefusedError(Code.bad_topic, f"{shown(levels[3])} cannot be a sensor's id")
    return levels[1], levels[2], levels[3]
