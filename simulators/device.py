"""How a device of the registry says what it has measured: in its own unit, uncalibrated, with its own clock format."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime

from rules.sensor import Channel, Sensor

DECIMALS = {
    "ug/m3": 1, "mg/m3": 2, "ppm": 3, "ppb": 1, "degC": 1, "degF": 1, "K": 1, "hPa": 1, "Pa": 0, "1": 3, "%": 1,
    "m/s": 2, "mph": 1, "km/h": 1, "deg": 0, "mm": 2, "dB(A)": 1, "m": 3, "cm": 1, "veh/h": 0,
}  # fmt: skip
"""Digits after the point that a device sends, by its unit: 3 where none is given."""


def time_text(at: int, style: str) -> str:
    """`at` (ms) as it stands in the payload: quoted RFC 3339, or epoch seconds or milliseconds."""
    if style == "ms":
        return str(at)
    if style == "s":
        return str(at // 1000) if at % 1000 == 0 else f"{at / 1000:.3f}"
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f'"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"'


def raw(channel: Channel, value: float, at: int) -> float:
    """What the device itself shows when the true, canonical value is `value`: calibration and unit undone."""
    index = bisect_right([calibration.since for calibration in channel.calibrations], at)
    if index:
        calibration = channel.calibrations[index - 1]
        value = (value - calibration.offset) / calibration.gain
    return (value - channel.shift) / channel.scale


def _number(channel: Channel) -> Callable[[float, int], str]:
    digits = DECIMALS.get(channel.unit, 3)
    form = f"{{:.{digits}f}}".format
    if not channel.calibrations and channel.scale == 1.0 and channel.shift == 0.0:
        return lambda value, at: form(value)
    return lambda value, at: form(raw(channel, value, at))


class Device:
    """Writes the JSON objects of one sensor. `sequence` numbers follow the reporting interval."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.topic = (
            f"city/{sensor.district}/gateway/{sensor.gateway}"
            if sensor.gateway
            else f"city/{sensor.district}/{sensor.kind}/{sensor.id}"
        )
        self._named = f'"sensor":"{sensor.id}",' if sensor.gateway else ""
        self._numbers = {metric: (f'"{metric}":', _number(channel)) for metric, channel in sensor.channels.items()}

    def say(self, at: int, values: dict[str, float]) -> str:
        """One object with canonical `values` measured at `at`; the metrics that the registry does not list for
        this sensor are left out."""
        numbers = self._numbers.items()
        said = ",".join([name + form(values[metric], at) for metric, (name, form) in numbers if metric in values])
        ts = time_text(at, self.sensor.time)
        return f'{{{self._named}"ts":{ts},"seq":{at // self.sensor.interval},"values":{{{said}}}}}'
