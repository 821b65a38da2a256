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
        "tpi": ("1", "traffic performance index"),
    }
)
"""Unit and title of each derived metric. No sensor may claim to measure one."""

UNITS = MappingProxyType(
    {name: metric.unit for name, metric in METRICS.items()} | {n: d[0] for n, d in DERIVED.items()}
)
"""The unit of every metric, measured or derived."""

DAILY = frozenset(("aqi_cn_day", "leq_day", "leq_night", "lden"))
"""Derived metrics of which there is one value a day; of the others there is one with every window."""
