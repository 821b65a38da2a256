"""Metrics, their canonical units and physical ranges, and the units that a registry may declare for them."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured. `lowest` and `highest` are in the canonical unit, both allowed: outside them a value is
    a fault of the sensor, not of the city."""

    name: str
    unit: str
    lowest: float
    highest: float
    title: str


@dataclass(frozen=True, slots=True)
class Unit:
    """canonical = value * scale + shift."""

    scale: float
    shift: float = 0.0


METRICS = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("pm25", "ug/m3", 0.0, 2000.0, "fine particles"),
            Metric("pm10", "ug/m3", 0.0, 5000.0, "particles"),
            Metric("so2", "ug/m3", 0.0, 5000.0, "sulphur dioxide"),
            Metric("no2", "ug/m3", 0.0, 5000.0, "nitrogen dioxide"),
            Metric("o3", "ug/m3", 0.0, 2000.0, "ozone"),
            Metric("co", "mg/m3", 0.0, 200.0, "carbon monoxide"),
            Metric("temperature", "degC", -60.0, 60.0, "air temperature"),
            Metric("dew_point", "degC", -80.0, 50.0, "dew point"),
            Metric("pressure", "hPa", 500.0, 1100.0, "air pressure"),
            Metric("humidity", "1", 0.0, 1.0, "relative humidity"),
            Metric("wind_speed", "m/s", 0.0, 120.0, "wind speed"),
            Metric("wind_direction", "deg", 0.0, 360.0, "wind direction"),
            Metric("rain", "mm", 0.0, 500.0, "rain in the interval"),
            Metric("noise", "dB(A)", 0.0, 194.0, "sound level"),
            Metric("water_level", "m", -20.0, 100.0, "water level"),
            Metric("speed", "km/h", 0.0, 300.0, "mean vehicle speed"),
            Metric("flow", "veh/h", 0.0, 20000.0, "traffic flow"),
            Metric("occupancy", "1", 0.0, 1.0, "detector occupancy"),
        )
    }
)

# Gas conversions from volume to mass at the reference state of GB 3095-2026: 298.15 K, 1013.25 hPa, 24.46 l/mol.
_PPB = {"so2": 64.066, "no2": 46.006, "o3": 47.998, "co": 28.010}

_COMMON: dict[str, dict[str, Unit]] = {
    "ug/m3": {"ug/m3": Unit(1.0), "µg/m³": Unit(1.0), "mg/m3": Unit(1000.0), "mg/m³": Unit(1000.0)},
    "mg/m3": {"mg/m3": Unit(1.0), "mg/m³": Unit(1.0), "ug/m3": Unit(0.001), "µg/m³": Unit(0.001)},
    "degC": {
        "degC": Unit(1.0),
        "°C": Unit(1.0),
        "degF": Unit(5.0 / 9.0, -160.0 / 9.0),
        "°F": Unit(5.0 / 9.0, -160.0 / 9.0),
        "K": Unit(1.0, -273.15),
    },
    "hPa": {"hPa": Unit(1.0), "mbar": Unit(1.0), "Pa": Unit(0.01), "kPa": Unit(10.0)},
    "1": {"1": Unit(1.0), "%": Unit(0.01)},
    "m/s": {"m/s": Unit(1.0), "km/h": Unit(1.0 / 3.6), "mph": Unit(0.44704), "kn": Unit(1852.0 / 3600.0)},
    "deg": {"deg": Unit(1.0), "°": Unit(1.0)},
    "mm": {"mm": Unit(1.0), "cm": Unit(10.0), "in": Unit(25.4)},
    "dB(A)": {"dB(A)": Unit(1.0), "dBA": Unit(1.0)},
    "m": {"m": Unit(1.0), "cm": Unit(0.01), "mm": Unit(0.001), "ft": Unit(0.3048)},
    "km/h": {"km/h": Unit(1.0), "m/s": Unit(3.6), "mph": Unit(1.609344)},
    "veh/h": {"veh/h": Unit(1.0), "veh/min": Unit(60.0), "veh/5min": Unit(12.0)},
}


def units_of(metric: str) -> dict[str, Unit]:
    """The units in which a sensor may send `metric`, by name. Raises KeyError for an unknown metric."""
    canonical = METRICS[metric].unit
    units = dict(_COMMON[canonical])
    if metric in _PPB:
        scale = _PPB[metric] / 24.46 * (0.001 if canonical == "mg/m3" else 1.0)
        units |= {"ppb": Unit(scale), "ppm": Unit(scale * 1000.0)}
    return units
