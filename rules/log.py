"""The log as a judge reads it: one record after the other, some of which switch the catalogue."""

from typing import Protocol


class LogGapError(RuntimeError):
    """The log's next record is not the one that was given: going on would judge without what lies between."""


class Switch(Protocol):
    """A record by which the catalogue of this hash comes into force; later switches have greater serials."""

    @property
    def catalogue(self) -> str: ...

    @property
    def serial(self) -> int: ...
