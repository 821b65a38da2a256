"""Which readings are too old or too far ahead: by the clock of the bridge, or by that of whoever publishes a replay."""

from rules.frame import DAY

_MARGIN = 60_000  # a frame's wall time is that of its oldest reading, a little before that of the one in question
_BEYOND = DAY - _MARGIN
"""No frame may hold a reading further ahead of its wall time than a day (rules.frame)."""


class WallClock:
    """The bridge's own clock."""

    def __init__(self, ahead_ms: int, past_ms: int) -> None:
        self._ahead, self._past = ahead_ms, past_ms

    def bounds(self, wall: int) -> tuple[int, int]:
        """The earliest and the latest time (ms) that a reading may have at wall time `wall`."""
        return max(0, wall - self._past), wall + min(self._ahead, _BEYOND)


class PublisherClock(WallClock):
    """The clock that the publisher tells. Before it has told any, every time is right that a frame can hold.

    A bridge that starts again takes it from its last tick in the log: readings that it had refused as too far ahead,
    and not yet acknowledged, must not be let in when they come again.
    """

    _told: tuple[int, int] | None = None

    def tell(self, t: int, following: int) -> None:
        """The step up to `t` is over, the coming one ends at `following` (ms)."""
        self._told = (t, max(t, following))

    def bounds(self, wall: int) -> tuple[int, int]:
        if self._told is None:
            return 0, wall + _BEYOND
        t, following = self._told
        return max(0, t - self._past), min(following + self._ahead, wall + _BEYOND)
