"""Four models of the Smart Data Models programme: which attribute is which of our metrics, in which unit.

Attribute names and ranges are read from the models' schemas (AirQualityObserved 0.1.4, NoiseLevelObserved 0.2.1,
TrafficFlowObserved 0.0.1, WeatherObserved 0.3.4 with Weather-Commons). Of the UN/CEFACT codes only GQ and GP are read
there; the others are not confirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rules.units import METRICS, Unit, units_of

# Recommendation 20 codes to the name of the unit in rules.units.
UNIT_CODES: Mapping[str, str] = MappingProxyType(
    {
        "GQ": "ug/m3", "GP": "mg/m3", "59": "ppm", "61": "ppb", "CEL": "degC", "FAH": "degF", "KEL": "K", "A97": "hPa",
        "PAL": "Pa", "MBR": "mbar", "P1": "%", "C62": "1", "MTS": "m/s", "KMH": "km/h", "DD": "deg", "MMT": "mm",
        "CMT": "cm", "MTR": "m", "2N": "dB(A)",
    }
)  # fmt: skip
_CODES = MappingProxyType({unit: code for code, unit in UNIT_CODES.items()})


@dataclass(frozen=True, slots=True)
class Attribute:
    """`unit`: what the model's numbers are in where no unitCode stands beside them (a name of rules.units, or "count":
    vehicles in the period). `bearing`: how it counts directions."""

    name: str
    metric: str
    unit: str
    bearing: Literal["", "0..360", "-180..180"] = ""

    @property
    def code(self) -> str:
        """The UN/CEFACT code of its unit."""
        return "C62" if self.unit == "count" else _CODES[self.unit]

    def unit_of(self, code: str | None) -> Unit | None:
        """From a number with that code (None: the model's own) to our canonical unit; None where it cannot be one."""
        name = self.unit if code is None else UNIT_CODES.get(code)
        return units_of(self.metric).get(name) if name else None


@dataclass(frozen=True, slots=True)
class Model:
    """`period`: it says from when to when it holds, in two attributes, else its time is `dateObserved`. `located`: a
    location is required. `texts`: attributes beside the metrics that we write."""

    name: str
    context: str
    attributes: tuple[Attribute, ...]
    period: bool = False
    located: bool = True
    texts: tuple[str, ...] = ()


def _same(name: str, metric: str = "", unit: str = "") -> Attribute:
    metric = metric or name
    return Attribute(name, metric, unit or METRICS[metric].unit)


def _context(subject: str) -> str:
    return f"https://raw.githubusercontent.com/smart-data-models/dataModel.{subject}/master/context.jsonld"


_AIR = Model(
    "AirQualityObserved",
    _context("Environment"),
    (
        *(_same(gas) for gas in ("pm25", "pm10", "so2", "no2", "o3", "co")),
        _same("temperature"),
        _same("relativeHumidity", "humidity"),
        _same("pressure"),
        _same("windSpeed", "wind_speed"),
        Attribute("windDirection", "wind_direction", "deg", "-180..180"),
        _same("precipitation", "rain"),
    ),
    texts=("airQualityIndex", "airQualityLevel"),
)
_NOISE = Model("NoiseLevelObserved", _context("Environment"), (_same("LAeq", "noise"),), period=True)
_TRAFFIC = Model(
    "TrafficFlowObserved",
    _context("Transportation"),
    (
        Attribute("intensity", "flow", "count"),
        _same("occupancy"),
        _same("averageVehicleSpeed", "speed"),
    ),
    period=True,
    located=False,
)
_WEATHER = Model(
    "WeatherObserved",
    _context("Weather"),
    (
        _same("temperature"),
        _same("dewPoint", "dew_point"),
        _same("relativeHumidity", "humidity"),
        _same("atmosphericPressure", "pressure"),
        _same("windSpeed", "wind_speed"),
        Attribute("windDirection", "wind_direction", "deg", "0..360"),
        _same("precipitation", "rain"),
        Attribute("streamGauge", "water_level", "cm"),
    ),
)
MODELS: Mapping[str, Model] = MappingProxyType({model.name: model for model in (_AIR, _NOISE, _TRAFFIC, _WEATHER)})


def model_for(metrics: frozenset[str]) -> Model | None:
    """The model that has the most of these metrics; of several the first. None where none has any."""
    best = max(MODELS.values(), key=lambda model: len(metrics & {one.metric for one in model.attributes}))
    return best if metrics & {one.metric for one in best.attributes} else None


def models_of(metrics: frozenset[str]) -> list[tuple[Model, frozenset[str]]]:
    """The models that all of these metrics go into, each metric into one, and which; those of no model are left out."""
    found: list[tuple[Model, frozenset[str]]] = []
    while (model := model_for(metrics)) is not None:
        mine = metrics & {one.metric for one in model.attributes}
        found.append((model, mine))
        metrics -= mine
    return found
