"""Numbers, units and instants as people read them."""

from datetime import UTC, datetime, tzinfo

from rules.derived.names import DERIVED
from rules.derived.names import UNITS as METRIC_UNITS
from rules.derived.spoken import spoken
from rules.units import METRICS

UNITS = {"ug/m3": "µg/m³", "mg/m3": "mg/m³", "degC": "°C", "deg": "°", "1": ""}
# Shares from 0 to 1 that are read as per cent.
SHARES = frozenset({"humidity", "occupancy"})


def number(value: float) -> str:
    """Three to four significant digits without an exponent, and no trailing zeros.

    >>> [number(x) for x in (153.04, 0.0312, 12.0, 48211.0, -3.456)]
    ['153', '0.0312', '12', '48\u202f211', '-3.46']
    """
    size = abs(value)
    if size >= 100:
        digits = f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        return "0" if digits == "-0" else digits
    places = 1 if size >= 10 else 2 if size >= 1 else 4
    digits = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if digits in ("-0", "") else digits


def unit(name: str) -> str:
    return UNITS.get(name, name)


def measure(value: float | None, metric: str, unit_name: str) -> str:
    """A value with its unit, or the word that it stands for; a dash when there is none.

    >>> measure(0.42, "humidity", "1"), measure(61.0, "pm25", "ug/m3"), measure(None, "pm25", "ug/m3")
    ('42 %', '61 µg/m³', '–')
    """
    if value is None:
        return "–"
    if word := spoken(metric, value):
        return word
    if metric in SHARES and unit_name == "1":
        return f"{number(value * 100)} %"
    return f"{number(value)} {unit(unit_name)}".rstrip()


def metric_title(name: str) -> str:
    if name in DERIVED:
        return DERIVED[name][1]
    known = METRICS.get(name)
    return known.title if known else name


def metric_unit(name: str) -> str:
    return METRIC_UNITS.get(name, "")


def aware(ms: int, zone: tzinfo = UTC) -> datetime:
    """Milliseconds as a datetime, held inside the years that a datetime can show."""
    return datetime.fromtimestamp(min(max(ms, 0), 253_402_214_400_000) / 1000, zone)


def iso(ms: int) -> str:
    """RFC 3339 UTC with milliseconds, as on the wire."""
    return aware(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(ms: int, zone: tzinfo = UTC, *, seconds: bool = True) -> str:
    """`25 Nov 2026 13:04:05`."""
    moment = aware(ms, zone)
    return f"{moment.day} {moment:%b %Y %H:%M:%S}" if seconds else f"{moment.day} {moment:%b %H:%M}"


def span(ms: int) -> str:
    """A length of time in its two largest units.

    >>> span(42_000), span(3_900_000), span(180_000_000)
    ('42 s', '1 h 5 min', '2 d 2 h')
    """
    seconds = max(0, ms) // 1000
    for size, name, below, below_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // below
            return f"{seconds // size} {name} {rest} {below_name}" if rest else f"{seconds // size} {name}"
    return f"{seconds} s"
