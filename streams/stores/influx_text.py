"""The two languages that InfluxDB reads: line protocol for readings, InfluxQL for questions. Pure.

A reading is `metric,sensor=id value=1.5 1750000000000`: one field, always a float, so that no two lines of a series
can disagree about its type.
"""

from collections.abc import Iterable, Iterator
from typing import Any

PROGRESS = "urbanpulse-progress"  # no metric is named so: metrics have no hyphen
_LAST_MS = (1 << 63) // 1_000_000 - 1  # the server counts ns in 64 bits


def _escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


class Lines:
    """Renders readings; the escaped beginning of a line is made once a series."""

    def __init__(self) -> None:
        self._prefix: dict[str, dict[str, str]] = {}
        self._series: dict[str, tuple[str, str]] = {}

    def line(self, sensor: str, metric: str, ts: int, value: float) -> str:
        series = self._prefix.get(metric)
        if series is None:
            series = self._prefix[metric] = {}
        prefix = series.get(sensor)
        if prefix is None:
            prefix = series[sensor] = f"{_escape(metric)},sensor={_escape(sensor)} value="
            self._series[prefix] = (sensor, metric)
        return f"{prefix}{value!r} {ts}"

    def read(self, line: str) -> tuple[str, str, int, float]:
        """The (sensor, metric, ts, value) of a line that was rendered here."""
        head, _, ts = line.rpartition(" ")
        prefix, _, value = head.rpartition("value=")
        return *self._series[prefix + "value="], int(ts), float(value)


def progress_line(writer: str, state: str, ts: int) -> str:
    text = state.replace("\\", "\\\\").replace('"', '\\"')
    return f'{PROGRESS},writer={_escape(writer)} state="{text}" {ts}'


def name(word: str) -> str:
    """A quoted identifier."""
    return '"' + _quoted(word).replace('"', '\\"') + '"'


def text(word: str) -> str:
    """A quoted string value: the one way in which a value gets into a question."""
    return "'" + _quoted(word).replace("'", "\\'") + "'"


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("\n", "\\n")


def between(start: int, end: int) -> str:
    """A half-open range of ms."""
    return f"time >= {max(start, 0)}ms AND time < {max(min(end, _LAST_MS), 0)}ms"


class InfluxError(ValueError):
    """What the server wrote into an answer that looked like a success."""


def series_of(answer: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each series of each statement's result, with the statement's number. Raises InfluxError for an error or a
    partial result anywhere: half an answer is not one."""
    if not isinstance(answer, dict) or "error" in answer:
        raise InfluxError(answer.get("error") if isinstance(answer, dict) else f"not an answer: {str(answer)[:100]}")
    for number, result in enumerate(answer.get("results", ())):
        if "error" in result:
            raise InfluxError(result["error"])
        if result.get("partial"):
            raise InfluxError("partial result")
        for series in result.get("series", ()):
            if series.get("partial"):
                raise InfluxError("partial series")
            yield number, series


def lookups(keys: Iterable[tuple[str, str, int]], hour: int = 3_600_000, wide: int = 100) -> Iterator[str]:
    """Statements that find whatever is stored under (metric, sensor, ts): one for each metric, hour and `wide`
    sensors, so that one very old reading does not read a year."""
    groups: dict[tuple[str, int], dict[str, None]] = {}
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for metric, sensor, ts in keys:
        group = metric, ts // hour
        groups.setdefault(group, {})[sensor] = None
        low, high = spans.get(group, (ts, ts))
        spans[group] = min(low, ts), max(high, ts)
    for (metric, slot), sensors in groups.items():
        low, high = spans[metric, slot]
        names = list(sensors)
        for first in range(0, len(names), wide):
            any_of = " OR ".join(f'"sensor" = {text(sensor)}' for sensor in names[first : first + wide])
            yield (
                f'SELECT "value" FROM {name(metric)} WHERE ({any_of}) AND {between(low, high + 1)} GROUP BY "sensor"'
            )
