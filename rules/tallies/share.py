"""The share of time above a mark. A reading stands until the next one, the last of a window until the window's end;
before the first one nothing is known, so that time does not count."""

from bisect import insort
from itertools import pairwise

from rules.tallies.tally import Packed

Segment = tuple[int, int, int, int]
"""Readings that follow each other with none missing: the time of the first, the time of the last, ms above the mark
between the two, and 1 if the last one is above it."""


class Share:
    """`points`: (time, 1 if above) of the readings, sorted. `segments`: what is settled or was merged, sorted. A
    straggler cuts short the time of the reading before it, so each must be kept until none can come."""

    __slots__ = ("mark", "points", "segments")

    def __init__(self, mark: float, segments: tuple[Segment, ...] = ()) -> None:
        self.mark, self.segments = mark, segments
        self.points: list[tuple[int, int]] = []

    def add(self, at: int, x: float) -> None:
        insort(self.points, (at, int(x > self.mark)))

    def merge(self, other: "Share") -> "Share":
        return Share(self.mark, tuple(sorted((*self._all(), *other._all()))))

    def settle(self, before: int) -> None:
        done = [point for point in self.points if point[0] < before]
        if done:
            self.segments = (*self.segments, _segment(done))
            del self.points[: len(done)]

    def pack(self) -> Packed:
        settled = [part for segment in self.segments for part in segment]
        return [len(self.segments), *settled, *(part for point in self.points for part in point)]

    def restore(self, packed: Packed) -> None:
        number, *parts = map(int, packed)
        cut = number * 4
        rows = zip(parts[0:cut:4], parts[1:cut:4], parts[2:cut:4], parts[3:cut:4], strict=True)
        self.segments = tuple(rows)
        self.points = list(zip(parts[cut::2], parts[cut + 1 :: 2], strict=True))

    def share(self, end: int) -> float | None:
        """From the first reading to `end` (ms), which is not before the last one. There must be a reading; None when
        that is no time at all."""
        segments = sorted(self._all())
        above = sum(segment[2] for segment in segments)
        for (_, last, _, up), (start, *_) in pairwise((*segments, (end, end, 0, 0))):
            above += (start - last) * up
        time = end - segments[0][0]
        return above / time if time else None

    def _all(self) -> tuple[Segment, ...]:
        return (*self.segments, _segment(self.points)) if self.points else self.segments


def _segment(points: list[tuple[int, int]]) -> Segment:
    above = sum((after - at) * up for (at, up), (after, _) in pairwise(points))
    return points[0][0], points[-1][0], above, points[-1][1]
