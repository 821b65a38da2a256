"""All metrics that a rule may watch: those that sensors measure, and those that are made of them."""

from types import MappingProxyType

from rules.indices.derived import DERIVED as OF_HOURS
from rules.units import METRICS

DERIVED = MappingProxyType(
    {name: (one.unit, one.title) for name, one in OF_HOURS.items()}
    | {
        "aqi_cn_day": ("1", "Chinese air quality index, daily report"),
        "leq_hour": ("dB(A)", "equivalent sound level of an hour"),
        "leq_day": ("dB(A)", "equivalent sound level of the day, 6 to 22 o'clock"),
        "leq_night": ("dB(A)", "equivalent sound level of the night, 22 to 6 o'clock"),
        "lden": ("dB(A)", "sound level of day, evening and night of 2002/49/EC"),
        "aqi_cn_primary": ("1", "primary pollutants of the real-time report, as a sum"),
        "aqi_cn_day_primary": ("1", "primary pollutants of the daily report, as a sum"),
        "heavy_pollution": ("1", "heavy-pollution warning, 0 to 4 (red)"),
        "who_level": ("1", "WHO guidelines of 2021: 0 met, 1 to 4 an interim target, 5 none"),
        "air_limit_day": ("1", "greatest share of a day's mean in its limit of GB 3095"),
        "l10_hour": ("dB(A)", "level exceeded for 10 % of an hour"),
        "l50_hour": ("dB(A)", "level exceeded for 50 % of an hour"),
        "l90_hour": ("dB(A)", "level exceeded for 90 % of an hour"),
        "noise_excess": ("dB(A)", "day or night above the limit of its functional area"),
        "heat_signal": ("1", "high-temperature signal, 0 to 4 (red)"),
        "rain_signal": ("1", "rainstorm signal, 0 to 4 (red)"),
        "waterlogging": ("1", "waterlogging level, 0 to 4 (red)"),
        "waterlogging_soon": ("1", "waterlogging level in ten minutes, 0 to 4 (red)"),
        "tpi": ("1", "traffic performance index"),
        "congestion_grade": ("1", "congestion grade, 1 (free) to 5 (severe)"),
        "flow_hour": ("veh/h", "vehicles of an hour"),
        "density": ("veh/km", "vehicles per km and lane"),
        "level_of_service": ("1", "level of service, 1 (A) to 6 (F)"),
        "incident_deviate": ("1", "standard normal deviate of the traffic"),
    }
)
"""Unit and title of each derived metric. No sensor may claim to measure one."""

UNITS = MappingProxyType(
    {name: metric.unit for name, metric in METRICS.items()} | {n: d[0] for n, d in DERIVED.items()}
)
"""The unit of every metric, measured or derived."""

DAILY = frozenset(("aqi_cn_day", "leq_day", "leq_night", "lden"))
"""Derived metrics of which there is one value a day; of the others there is one with every window."""
