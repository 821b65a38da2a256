"""Derived metrics whose numbers stand for words: what a number means to a person."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from rules.indices.congestion import GRADES
from rules.indices.pollutant_code import pollutants_of
from rules.indices.warning import Colour

_POLLUTANTS = MappingProxyType(
    {"so2": "SO₂", "no2": "NO₂", "co": "CO", "o3": "O₃", "pm10": "PM10", "pm25": "PM2.5"}
)  # fmt: skip
_WHO = ("guideline met", "interim target 4", "interim target 3", "interim target 2", "interim target 1", "none met")


def _primary(code: int) -> str:
    return ", ".join(_POLLUTANTS[name] for name in pollutants_of(code)) or "none"


def _colour(level: int) -> str:
    return Colour(level).name if level else "none"


_WORDS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "aqi_cn_primary": _primary,
        "aqi_cn_day_primary": _primary,
        "heavy_pollution": _colour,
        "heat_signal": _colour,
        "rain_signal": _colour,
        "waterlogging": _colour,
        "waterlogging_soon": _colour,
        "level_of_service": lambda level: " ABCDEF"[level],
        "congestion_grade": lambda rank: {each.rank: each.name for each in GRADES}[rank],
        "who_level": _WHO.__getitem__,
    }
)


def spoken(metric: str, value: float) -> str:
    """The word for it, such as "PM10, PM2.5" or "orange"; nothing where the number is a measure of its own, or lies
    between two words, as a mean of several may.

    >>> spoken("aqi_cn_primary", 48.0), spoken("pm25", 48.0), spoken("rain_signal", 2.5)
    ('PM10, PM2.5', '', '')
    """
    word = _WORDS.get(metric)
    if word is None or not value.is_integer() or value < 0:
        return ""
    try:
        return word(int(value))
    except (ValueError, IndexError, KeyError):
        return ""
