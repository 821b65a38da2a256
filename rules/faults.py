"""A user's mistake in a file, with its address and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake. `line` counts from 1; 0 means the file as a whole. `key` is the path inside it, such as
    `rules[2].severities.red`, or empty."""

    file: str
    line: int
    key: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        what = f"{self.key}: {self.message}" if self.key else self.message
        return f"{where}: {what}. {self.suggestion}" if self.suggestion else f"{where}: {what}"


class FaultsError(ValueError):
    """A file or folder with at least one fault; nothing of it is used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))


def nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion for a word that nobody knows: the nearest known one, or the whole list when none is near.

    >>> nearest("metrik", ["metric", "rule"])
    "did you mean 'metric'?"
    """
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1)
    return f"did you mean {close[0]!r}?" if close else f"one of: {', '.join(choices)}"
