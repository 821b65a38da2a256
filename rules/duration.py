"""Lengths of time as people write them in files."""

import re

_UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORM = re.compile(r"([0-9]{1,9})(ms|s|min|h|d)")
HINT = "write a whole number and ms, s, min, h or d, such as 90s, 5min, 1h"


def parse_duration(text: str) -> int:
    """The ms in `text`. Raises ValueError for anything but a whole number followed by ms, s, min, h or d.

    >>> parse_duration("5min")
    300000
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a length of time")
    return int(match[1]) * _UNITS[match[2]]


def format_duration(ms: int) -> str:
    """The shortest text that `parse_duration` reads as `ms` (0 or more).

    >>> format_duration(5_400_000)
    '90min'
    """
    unit = next(unit for unit in ("d", "h", "min", "s", "ms") if ms % _UNITS[unit] == 0)
    return "0s" if ms == 0 else f"{ms // _UNITS[unit]}{unit}"


def say_duration(ms: int) -> str:
    """As people say it, in the two greatest units; what is left is let go of.

    >>> say_duration(2_100_000), say_duration(5_405_000), say_duration(90_000_000), say_duration(700)
    ('35 min', '1 h 30 min', '1 d 1 h', '700 ms')
    """
    parts = [(ms // _UNITS["d"], "d")]
    parts += [
        (ms % _UNITS[up] // _UNITS[unit], unit) for up, unit in (("d", "h"), ("h", "min"), ("min", "s"), ("s", "ms"))
    ]
    first = next((place for place, (count, _) in enumerate(parts) if count), 3)
    # Milliseconds say something only where there is nothing else.
    told = [parts[first], *(part for part in parts[first + 1 : min(first + 2, 4)] if part[0])]
    return " ".join(f"{count} {unit}" for count, unit in told)
