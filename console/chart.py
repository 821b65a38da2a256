"""One series as an SVG drawing, made on the server.

The drawing stretches with the page: marks and labels are placed in per cent, and only the curve itself lives in a
stretched inner drawing, so that no letter is ever distorted. Colours come from the style sheet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import ceil, floor, log10

from console.html import Markup, Node, h
from console.ports import Limit, RangeBucket
from console.severity import severity_class
from console.words import aware, number

WIDTH = 1000  # units of the inner drawing
HEIGHT = 1000
NARROWEST = 1e-9  # of the values' size: what differs by less is drawn as one value
PLOT = 168  # pixels of the plot; the line of times stands below it
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_STEPS = (_MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR,
          6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with a mark every `step`."""

    low: float
    high: float
    step: float

    def marks(self) -> list[float]:
        return [self.low + n * self.step for n in range(round((self.high - self.low) / self.step) + 1)]

    def share(self, value: float) -> float:
        """Where `value` stands, 0 at the foot and 1 at the top; outside is held at the edge."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def axis(low: float, high: float) -> Axis:
    """Round marks around [low, high], three to six of them.

    >>> axis(3.0, 87.0)
    Axis(low=0.0, high=100.0, step=25.0)
    """
    if high - low <= NARROWEST * max(1.0, abs(low), abs(high)):
        spread = abs(high) * 0.2 if abs(high) > 1e-6 else 1.0
        low, high = low - spread / 2, high + spread / 2
    spread = high - low
    rough = spread / 3
    base = 10.0 ** floor(log10(rough))
    step = next(base * n for n in (1, 2, 2.5, 5, 10) if base * n >= rough)
    return Axis(floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step)


def time_marks(start: int, end: int, zone: tzinfo = UTC) -> list[int]:
    """Round instants of the city's clock inside [start, end), at most six."""
    step = next((size for size in _STEPS if (end - start) / size <= 6), (end - start) // 6 or 1)
    offset = aware(start, zone).utcoffset()
    shift = round(offset.total_seconds() * 1000) if offset else 0
    first = -(-(start + shift) // step) * step - shift
    return list(range(first, end, step))


def stretches(buckets: Sequence[RangeBucket], gap: int) -> list[list[RangeBucket]]:
    """The series cut where it is silent for longer than `gap` ms: silence is drawn as silence."""
    runs: list[list[RangeBucket]] = []
    for bucket in buckets:
        if runs and bucket.ts - runs[-1][-1].ts <= gap:
            runs[-1].append(bucket)
        else:
            runs.append([bucket])
    return runs


def chart(
    buckets: Sequence[RangeBucket],
    start: int,
    end: int,
    *,
    title: str,
    gap: int,
    limits: Sequence[Limit] = (),
    scale: float = 1.0,
    zone: tzinfo = UTC,
) -> Markup:
    """The series in [start, end), not empty: a band from lowest to highest, a line through the means, a dashed line
    for each limit near it. Values and limits are multiplied by `scale` for showing."""
    lows, highs = [b.low * scale for b in buckets], [b.high * scale for b in buckets]
    low, high = min(lows), max(highs)
    near = [Limit(mark.severity, mark.value * scale) for mark in limits]
    spread = high - low or abs(high) or 1.0
    near = [mark for mark in near if low - spread <= mark.value <= high + spread]
    scaled = axis(min([low, *(m.value for m in near)]), max([high, *(m.value for m in near)]))

    def x(ts: int) -> float:
        return (ts - start) / (end - start)

    def y(value: float) -> float:
        return 1.0 - scaled.share(value)

    inner: list[Node] = []
    for run in stretches(buckets, gap):
        inner.append(_band(run, x, lambda v: y(v * scale)))
        inner.append(_line(run, x, lambda v: y(v * scale)))
    curve = h(
        "svg",
        {"width": "100%", "height": PLOT, "viewBox": f"0 0 {WIDTH} {HEIGHT}", "preserveAspectRatio": "none"},
        inner,
    )
    times = [_time_mark(ts, x(ts), end - start, zone) for ts in time_marks(start, end, zone)]
    plot = h(
        "svg",
        {"class": "chart", "role": "img", "aria-label": title, "height": PLOT + 24},
        [_level("grid", y(value)) for value in scaled.marks()],
        [_level(f"limit {severity_class(mark.severity)}", y(mark.value)) for mark in near],
        times,
        curve,
        [_value_mark(value, y(value)) for value in scaled.marks()],
    )
    # The limits have their names beside the plot, where no curve runs. Room is left for them without limits too, so
    # that the times of several charts stand below each other.
    names = h("svg", {"class": "names", "height": PLOT + 24}, _limit_names(near, y))
    return h("div", {"class": "plot"}, plot, names)


def _points(run: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{px * WIDTH:.1f},{py * HEIGHT:.1f}" for px, py in run)


def _band(run: list[RangeBucket], x: Callable[[int], float], y: Callable[[float], float]) -> Node:
    if len(run) < 2:
        return None
    upper = [(x(b.ts), y(b.high)) for b in run]
    lower = [(x(b.ts), y(b.low)) for b in reversed(run)]
    return h("polygon", {"class": "band", "points": _points(upper + lower)})


def _line(run: list[RangeBucket], x: Callable[[int], float], y: Callable[[float], float]) -> Node:
    points = [(x(b.ts), y(b.value)) for b in run]
    if len(points) == 1:  # a round line end of no length: a dot
        points.append((points[0][0] + 0.0001, points[0][1]))
    return h("polyline", {"class": "line", "points": _points(points)})


def _level(kind: str, at: float) -> Node:
    top = f"{at * PLOT:.1f}"
    return h("line", {"class": kind, "x1": "0", "x2": "100%", "y1": top, "y2": top})


def _value_mark(value: float, at: float) -> Node:
    beside = 12 if at * PLOT < 14 else -4  # there is no room above the highest line
    return h("text", {"class": "mark", "x": "0", "y": f"{at * PLOT + beside:.1f}"}, number(value))


def _time_mark(ts: int, at: float, length: int, zone: tzinfo) -> Node:
    moment: datetime = aware(ts, zone)
    midnight = moment.hour == moment.minute == 0
    label = f"{moment.day} {moment:%b}" if midnight or length > 6 * _DAY else f"{moment:%H:%M}"
    anchor = "start" if at < 0.03 else "end" if at > 0.97 else "middle"
    return [
        h("line", {"class": "tick", "x1": f"{at:.2%}", "x2": f"{at:.2%}", "y1": PLOT, "y2": PLOT + 5}),
        h("text", {"class": "mark", "x": f"{at:.2%}", "y": PLOT + 19, "text-anchor": anchor}, label),
    ]


def _limit_names(near: Sequence[Limit], y: Callable[[float], float]) -> list[Node]:
    """From the top down, each beside its line and a line of text below the one before."""
    found: list[Node] = []
    free = -4.0
    for mark in sorted(near, key=lambda mark: -mark.value):
        at = max(y(mark.value) * PLOT + 4, free + 12)
        free = at
        found.append(h("text", {"class": "mark", "x": "8", "y": f"{at:.1f}"}, f"{mark.severity} {number(mark.value)}"))
    return found
