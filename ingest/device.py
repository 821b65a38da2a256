"""A sensor of the registry, made ready to read its messages: units, calibration and range in one step."""

from bisect import bisect_right
from collections.abc import Mapping

from ingest.instant import READERS
from rules.sensor import Channel, Sensor
from rules.units import METRICS


class Scale:
    """From the number that a sensor sends to a canonical, calibrated value, and the range that this must be in."""

    __slots__ = ("_factors", "_scale", "_shift", "_since", "highest", "lowest", "sent", "unit")

    def __init__(self, metric: str, channel: Channel) -> None:
        known = METRICS[metric]
        self.lowest, self.highest, self.unit, self.sent = known.lowest, known.highest, known.unit, channel.unit
        self._scale, self._shift = channel.scale, channel.shift
        calibrations = sorted(channel.calibrations)
        self._since = [calibration.since for calibration in calibrations]
        self._factors = [(1.0, 0.0), *[(calibration.gain, calibration.offset) for calibration in calibrations]]

    def canonical(self, raw: float, ts: int) -> float:
        """By the calibration in force at `ts` (ms). The caller looks whether it is in range."""
        value = raw * self._scale + self._shift  # adding 0.0 also makes -0.0 what everyone expects
        if self._since:
            gain, offset = self._factors[bisect_right(self._since, ts)]
            value = value * gain + offset
        return value


class Device:
    """One sensor: `instant` reads its `ts`, `scales` its values."""

    __slots__ = ("gateway", "id", "instant", "scales", "sensor")

    def __init__(self, sensor: Sensor) -> None:
        self.id, self.gateway, self.sensor = sensor.id, sensor.gateway, sensor
        self.instant = READERS[sensor.time]
        self.scales = {metric: Scale(metric, channel) for metric, channel in sensor.channels.items()}


class Gateway:
    """A device that publishes for others, and the districts in which those stand."""

    __slots__ = ("districts", "id")

    def __init__(self, gateway: str, districts: frozenset[str]) -> None:
        self.id, self.districts = gateway, districts


def gateways_of(sensors: Mapping[str, Sensor]) -> dict[str, Gateway]:
    """Every gateway that the registry names, by id."""
    districts: dict[str, set[str]] = {}
    for sensor in sensors.values():
        if sensor.gateway:
            districts.setdefault(sensor.gateway, set()).add(sensor.district)
    return {name: Gateway(name, frozenset(places)) for name, places in districts.items()}
