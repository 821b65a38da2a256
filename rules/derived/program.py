"""One derived metric of one sensor: what it is made of, when it is due, and how."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, Final, TypeVar

from rules.derived.collector import Slice
from rules.indices.exact import Number

HOUR = 3_600_000

Windows = Mapping[int, Mapping[str, Slice]]
"""The valid windows of a station: by their start (ms) and by metric."""

Trail = dict[int, float]
"""What a program keeps for longer than windows are kept, by time (ms)."""

T = TypeVar("T")


class NotYet(Enum):
    """No answer is due: the day is not over."""

    NOT_YET = 0


NOT_YET: Final = NotYet.NOT_YET


class View:
    """A station's windows of `every` ms, as of the end of one of them; later ones are not seen. `trails` by name, of
    which the programs leave what they want to find at later ends."""

    def __init__(self, windows: Windows, every: int, end: int, trails: dict[str, Trail] | None = None) -> None:
        self._windows, self.every, self.end = windows, every, end
        self._trails = {} if trails is None else trails
        self._made: dict[str, Any] = {}

    def trail(self, name: str) -> Trail:
        """The trail of that name, one of `Program.keep`."""
        return self._trails.setdefault(name, {})

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for all programs that ask for it by the same name."""
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made

    def slices(self, metric: str, start: int, end: int) -> list[Slice | None]:
        """The windows from `start` to `end` (ms, inside: the start of each), oldest first; None for an invalid one."""
        return [self._windows.get(at, {}).get(metric) for at in range(start, min(end, self.end), self.every)]

    def last(self, metric: str, count: int) -> list[Slice | None]:
        """The newest so many."""
        return self.slices(metric, self.end - count * self.every, self.end)

    def means(self, metric: str, count: int) -> list[Fraction | None]:
        return means(self.last(metric, count))

    def newest(self, metric: str) -> Slice | None:
        return self.last(metric, 1)[0]


def means(slices: Iterable[Slice | None]) -> list[Fraction | None]:
    return [None if each is None else each.mean for each in slices]


@dataclass(frozen=True, slots=True)
class Program:
    """`metric` is made of windows of `inputs` that are `every` ms long; `span`: for how long (ms) they are looked
    back at. `of` answers as of the end of a window: the value, None for "cannot decide", or NOT_YET. `keep`: its
    trails by name, and for how long (ms) they are kept."""

    metric: str
    inputs: tuple[str, ...]
    every: int
    span: int
    of: Callable[[View], Number | NotYet | None]
    keep: tuple[tuple[str, int], ...] = ()

    def why(self, view: View) -> str:
        """In words, what there is too little of when there is no answer."""
        gone = [metric for metric in self.inputs if view.newest(metric) is None]
        return f"too little measured of {', '.join(gone or self.inputs)}"
