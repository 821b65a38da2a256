"""A registry of a few sensors with every trait that the device contract knows."""

from rules.sensor import Calibration, Channel, Sensor
from rules.units import units_of

NOW = 1_790_000_000_000
EARLIEST, LATEST = NOW - 7 * 86_400_000, NOW + 60_000
JANUARY = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def channel(metric: str, unit: str, *calibrations: Calibration) -> Channel:
    known = units_of(metric)[unit]
    return Channel(unit, known.scale, known.shift, calibrations)


def sensor(name: str, kind: str = "air", district: str = "north", **more: object) -> Sensor:
    channels = {"pm25": channel("pm25", "ug/m3"), "no2": channel("no2", "ug/m3"), "o3": channel("o3", "ug/m3")}
    given: dict[str, object] = {"channels": channels, "time": "ms", **more}
    return Sensor(name, kind, "environment", district, 39.9, 116.4, **given)  # type: ignore[arg-type]


def small_city() -> dict[str, Sensor]:
    """air-1 (rfc3339), air-2 (ms), air-3 (s), weather-1 (declared units), calibrated, and two behind gw-1."""
    everything = [
        sensor("air-1", time="rfc3339"),
        sensor("air-2"),
        sensor("air-3", time="s", district="south"),
        sensor(
            "weather-1",
            "weather",
            channels={"temperature": channel("temperature", "degF"), "humidity": channel("humidity", "%")},
        ),
        sensor(
            "calibrated",
            channels={
                "pm25": channel(
                    "pm25", "mg/m3", Calibration(NOW - 1000, 2.0, 1.0), Calibration(JANUARY - 86_400_000, 1.0, -2.0)
                )
            },
        ),
        sensor("near-1", gateway="gw-1"),
        sensor("near-2", gateway="gw-1", time="rfc3339"),
        sensor("other", gateway="gw-2", district="south"),
    ]
    return {one.id: one for one in everything}


def fleet(count: int, districts: tuple[str, ...] = ("a", "b")) -> dict[str, Sensor]:
    """`count` air sensors, S-00000 onwards, spread over districts in turn; every 50 behind a gateway of their own."""
    return {
        name: sensor(name, district=districts[i % len(districts)], gateway=f"gw-{i // 50}")
        for i, name in ((i, f"S-{i:05d}") for i in range(count))
    }
