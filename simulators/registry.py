"""The sample city's registry: about 630 devices in six districts, made from a seed and written as sensors.csv.

`python -m simulators.registry FILE` writes it again; a test holds the committed file to it.
"""

import csv
import io
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from simulators.chance import key, unit
from simulators.place import Place, moved

SEED = 7
CENTRE = Place(51.0512, 13.7384)
COLUMNS = (
    *("id", "kind", "department", "district", "lat", "lon"),
    *("metrics", "interval", "time", "gateway", "calibration", "downstream", "attributes"),
)


@dataclass(frozen=True)
class District:
    """Where it lies from the centre (metres east and north), how far it spreads, and how many of each device."""

    name: str
    east: float
    north: float
    radius: float
    noise: int
    water: int
    radar: int


DISTRICTS = (
    District("centre", 0.0, 0.0, 1900.0, 45, 20, 20),
    District("north", -600.0, 4800.0, 2300.0, 30, 10, 16),
    District("west", -5600.0, 900.0, 2400.0, 28, 10, 16),
    District("east", 5400.0, 1200.0, 2400.0, 30, 15, 16),
    District("south", -900.0, -4900.0, 2300.0, 27, 15, 16),
    District("harbour", 4300.0, -4000.0, 2000.0, 30, 30, 16),
)
AIR, WEATHER, LOOPS = 9, 6, 20
"""In every district."""
RAILSIDE, RING = 8, 12
RING_RADIUS, SPACING = 7_500.0, 450.0
"""Metres: of the ring road, and between two of its loops."""


@dataclass(frozen=True)
class Row:
    """One line of sensors.csv, the columns as they stand there."""

    id: str
    kind: str
    department: str
    district: str
    lat: str
    lon: str
    metrics: str
    interval: str
    time: str = ""
    gateway: str = ""
    calibration: str = ""
    downstream: str = ""
    attributes: str = ""


def _air(district: District, number: int) -> dict[str, str]:
    """Stations of three makers: one sends CO in ppm, one ozone in ppb, and some drift and are calibrated."""
    co = "co=ppm" if district.name in ("centre", "east") else "co"
    o3 = "o3=ppb" if district.name == "north" else "o3"
    calibration = ""
    if number % 3 == 1:
        calibration = "pm25 2025-11-03 gain 1.04 offset -1.2"
    if number % 9 == 4:
        calibration += "; pm25 2026-06-01 gain 1.01 offset -0.4; no2 2025-11-03 gain 0.97"
    return {"metrics": f"pm25 pm10 so2 no2 {o3} {co}", "interval": "5min", "calibration": calibration}


def _weather(district: District, number: int) -> dict[str, str]:
    """Stations of two makers: the imported ones speak Fahrenheit, miles and percent."""
    if district.name in ("west", "harbour"):
        metrics = "temperature=degF humidity=% pressure wind_speed=mph wind_direction rain"
    else:
        metrics = "temperature humidity=% pressure=Pa wind_speed wind_direction rain"
    calibration = "temperature 2025-09-01 offset -0.3" if number == 2 else ""
    return {"metrics": metrics, "interval": "10min", "time": "s" if number > 3 else "", "calibration": calibration}


def _noise(number: int, gateway: str) -> dict[str, str]:
    calibration = "noise 2025-10-12 offset 0.5" if number % 10 == 3 else ""
    # Every ninth meter stands among works, where the night may be louder.
    own = "limit_night=75" if number % 9 == 0 else ""
    return {"metrics": "noise", "interval": "10min", "gateway": gateway, "calibration": calibration, "attributes": own}


def _water(district: District, gateway: str) -> dict[str, str]:
    unit_name = "water_level=cm" if district.name in ("harbour", "south") else "water_level"
    return {"metrics": unit_name, "interval": "10min", "time": "ms", "gateway": gateway}


def _loop(district: District, gateway: str) -> dict[str, str]:
    time = "s" if district.name == "north" else ""
    return {"metrics": "speed flow occupancy=%", "interval": "5min", "time": time, "gateway": gateway}


def _radar(district: District, gateway: str) -> dict[str, str]:
    speed = "speed=mph" if district.name == "east" else "speed"
    return {"metrics": f"{speed} flow", "interval": "10min", "gateway": gateway}


def _place(district: District, sensor: str) -> tuple[str, str]:
    """Somewhere in the district, evenly over its disc, to five decimals (a metre)."""
    source = key(SEED, "place", sensor)
    away, angle = district.radius * math.sqrt(unit(source, 0)), 2.0 * math.pi * unit(source, 1)
    centre = moved(CENTRE, district.east, district.north)
    place = moved(centre, away * math.cos(angle), away * math.sin(angle))
    return f"{place.lat:.5f}", f"{place.lon:.5f}"


def _district(district: District) -> Iterator[Row]:
    """The devices of one district. In the harbour one cabinet, gw-harbour-quay, speaks for twenty of them."""
    name = district.name
    quay = "gw-harbour-quay" if name == "harbour" else ""

    def row(kind: str, department: str, prefix: str, number: int, fields: dict[str, str]) -> Row:
        sensor = f"{prefix}-{name}-{number:02d}"
        lat, lon = _place(district, sensor)
        return replace(Row(sensor, kind, department, name, lat, lon, "", ""), **fields)

    for n in range(1, AIR + 1):
        fields = _air(district, n) | ({"gateway": quay} if n <= 3 else {})
        yield row("air", "environment", "air", n, fields)
    for n in range(1, WEATHER + 1):
        yield row("weather", "environment", "weather", n, _weather(district, n))
    for n in range(1, district.noise + 1):
        gateway = quay if quay and n <= 8 else f"gw-{name}-noise" if n > district.noise - 15 else ""
        yield row("noise", "environment", "noise", n, _noise(n, gateway))
    for n in range(1, district.water + 1):
        shared = name in ("centre", "harbour") and n > district.water - 12
        gateway = quay if quay and n <= 3 else f"gw-{name}-water" if shared else ""
        yield row("water", "water", "water", n, _water(district, gateway))
    for n in range(1, LOOPS + 1):
        gateway = quay if quay and n <= 6 else f"gw-{name}-road" if n > 6 else ""
        yield row("traffic", "traffic", "loop", n, _loop(district, gateway))
    for n in range(1, district.radar + 1):
        gateway = f"gw-{name}-radar" if n > 6 else ""
        yield row("traffic", "traffic", "radar", n, _radar(district, gateway))


def _at(kind: str, department: str, number: int, east: float, north: float, metrics: str) -> Row:
    """A device at a chosen place, in metres from the centre; its district is the nearest one."""
    place = moved(CENTRE, east, north)
    nearest = min(DISTRICTS, key=lambda district: math.hypot(east - district.east, north - district.north))
    lat, lon = f"{place.lat:.5f}", f"{place.lon:.5f}"
    interval = "10min" if metrics == "noise" else "5min"
    return Row(f"{kind}-{number:02d}", kind, department, nearest.name, lat, lon, metrics, interval)


def _lines() -> Iterator[Row]:
    """Devices that stand where they do for the sake of what passes there: gauges in two underpasses of each district,
    sound meters along the railway from west to east, loops along the ring road in the direction of travel."""
    for n, district in enumerate(DISTRICTS):
        for side in (0, 1):
            aside = (0.5 - side) * district.radius
            yield _at("underpass", "water", 2 * n + side + 1, district.east + aside, district.north, "water_level=cm")
    for n in range(RAILSIDE):
        yield _at("railside", "environment", n + 1, (n - (RAILSIDE - 1) / 2) * 1800.0, -2300.0, "noise")
    for n in range(RING):
        angle = math.radians(200.0 + n * math.degrees(SPACING / RING_RADIUS))
        east, north = RING_RADIUS * math.sin(angle), RING_RADIUS * math.cos(angle)
        loop = _at("ringroad", "traffic", n + 1, east, north, "speed flow occupancy=%")
        yield replace(loop, downstream=f"ringroad-{n + 2:02d}" if n + 1 < RING else "")


def rows() -> list[Row]:
    """Every device of the sample city, district by district, and then those that stand in a line."""
    return [row for district in DISTRICTS for row in _district(district)] + list(_lines())


def text() -> str:
    """The sample city's sensors.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows())
    return out.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
