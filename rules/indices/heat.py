"""What the air feels like: the US weather service's heat index, and the wind chill of the US and Canada."""

from math import sqrt

from rules.indices.source import Certainty, Source

HEAT_SOURCE = Source("NWS heat index (Rothfusz, with Steadman's start and both adjustments)", "2014", Certainty.read)
CHILL_SOURCE = Source("NWS and Environment Canada wind chill", "2001", Certainty.unconfirmed)

_COLDEST_F = 80.0
_CHILL_WARMEST = 10.0
_CHILL_CALMEST = 4.8


def heat_index_f(t: float, r: float) -> float:
    """The heat index (°F) at `t` °F and `r` percent relative humidity."""
    simple = 0.5 * (t + 61.0 + (t - 68.0) * 1.2 + r * 0.094)
    start = (simple + t) / 2.0
    if start < _COLDEST_F:
        return start
    index = (
        -42.379
        + 2.04901523 * t
        + 10.14333127 * r
        - 0.22475541 * t * r
        - 0.00683783 * t * t
        - 0.05481717 * r * r
        + 0.00122874 * t * t * r
        + 0.00085282 * t * r * r
        - 0.00000199 * t * t * r * r
    )
    if r < 13.0 and 80.0 <= t <= 112.0:
        index -= (13.0 - r) / 4.0 * sqrt((17.0 - abs(t - 95.0)) / 17.0)
    elif r > 85.0 and 80.0 <= t <= 87.0:
        index += (r - 85.0) / 10.0 * (87.0 - t) / 5.0
    return index


def heat_index(temperature: float, humidity: float) -> float:
    """The heat index (°C) at `temperature` °C and a relative humidity from 0 to 1. Raises ValueError outside that."""
    if not 0.0 <= humidity <= 1.0:
        raise ValueError(f"relative humidity is from 0 to 1, not {humidity}")
    return (heat_index_f(temperature * 1.8 + 32.0, humidity * 100.0) - 32.0) / 1.8


def wind_chill(temperature: float, wind_speed: float) -> float | None:
    """The wind chill (°C) at `temperature` °C and a wind of `wind_speed` m/s; None above 10 °C or up to 4.8 km/h,
    where it is not defined."""
    speed = wind_speed * 3.6
    if temperature > _CHILL_WARMEST or not speed > _CHILL_CALMEST:
        return None
    power: float = speed**0.16
    return 13.12 + 0.6215 * temperature - 11.37 * power + 0.3965 * temperature * power
