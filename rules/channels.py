"""The cells `metrics` and `calibration` of a registry row: what a sensor measures, in which unit, corrected how."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from rules.derived.names import DERIVED
from rules.faults import nearest
from rules.sensor import Calibration, Channel
from rules.units import METRICS, units_of

Report = Callable[[str, str, str], None]
"""Called with the column, the message and the suggestion of a fault."""

METRICS_FORM = "write metrics as pm25=ug/m3 co=ppm, or pm25 alone for the canonical unit"
CALIBRATION_FORM = "write it as: pm25 2026-01-01 gain 1.05 offset -2"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d))?")


def parse_channels(metrics: str, calibration: str, fault: Report) -> dict[str, Channel] | None:
    """The channels by metric, or None when `fault` was called for something in them."""
    channels: dict[str, Channel] = {}
    sound = True
    for item in metrics.split():
        name, equals, unit = item.partition("=")
        channel = _channel(name, unit if equals else None, fault)
        if channel is not None and name in channels:
            fault("metrics", f"{name} is there twice", "")
            channel = None
        if channel is None:
            sound = False
        else:
            channels[name] = channel
    if not metrics.split():
        fault("metrics", "no metric", METRICS_FORM)
        return None
    return _calibrated(channels, calibration, fault) if sound else None


def _channel(name: str, unit: str | None, fault: Report) -> Channel | None:
    if name in DERIVED:
        fault("metrics", f"{name} is made by the judge, no sensor measures it", "name what it is made of")
        return None
    if name not in METRICS:
        fault("metrics", f"unknown metric {name[:40]!r}", nearest(name, METRICS))
        return None
    if unit is None:
        return Channel(METRICS[name].unit)
    known = units_of(name)
    if unit not in known:
        fault("metrics", f"unknown unit {unit[:40]!r} for {name}", nearest(unit, known))
        return None
    return Channel(unit, known[unit].scale, known[unit].shift)


def _calibrated(channels: dict[str, Channel], cell: str, fault: Report) -> dict[str, Channel] | None:
    found: dict[str, list[Calibration]] = {name: [] for name in channels}
    sound = True
    for item in filter(None, map(str.strip, cell.split(";"))):
        name, *words = item.split()
        step = _calibration(name, words, channels, fault)
        if step is None:
            sound = False
        elif found[name] and step.since <= found[name][-1].since:
            fault("calibration", f"{item!r} is not later than the one before it", "oldest first, each date once")
            sound = False
        else:
            found[name].append(step)
    if not sound:
        return None
    return {
        name: Channel(channel.unit, channel.scale, channel.shift, tuple(found[name]))
        for name, channel in channels.items()
    }


def _calibration(name: str, words: list[str], channels: dict[str, Channel], fault: Report) -> Calibration | None:
    if name not in channels:
        fault("calibration", f"{name[:40]!r} is not a metric of this sensor", nearest(name, channels))
        return None
    since = _instant(words[0]) if words else None
    pairs = dict(zip(words[1::2], words[2::2], strict=False))
    numbers = {key: _number(value) for key, value in pairs.items()}
    complete = len(words) in (3, 5) and len(pairs) == len(words) // 2 and pairs.keys() <= {"gain", "offset"}
    gain, offset = numbers.get("gain", 1.0), numbers.get("offset", 0.0)
    if since is None or not complete or gain is None or offset is None or gain == 0:
        fault("calibration", f"{' '.join((name, *words))[:80]!r} is not a calibration", CALIBRATION_FORM)
        return None
    return Calibration(since, gain, offset)


def _instant(text: str) -> int | None:
    """A date (its UTC midnight) or an RFC 3339 instant, in ms."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(text.upper())
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
