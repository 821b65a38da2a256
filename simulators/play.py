"""Plays steps of time through a broker, the publisher owning the clock (docs/decisions/0002-tick-and-clock.md).

For each step: every reading of it, then, when the broker has acknowledged them all, the clock. So no bridge can be
told of a time before it was offered what happened until then, and nothing is ever late.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from simulators.message import Step
from simulators.publish import Publisher, Stopped
from simulators.published import Expected, Published

AFTER = 600_000
"""The clock goes on for so many ms after the last reading, so that the last windows and holds are decided; less than
any silence rule bears, so that the end of the record itself is not told as one."""
SETTLE = 5.0
"""Seconds that an orderly stop gives the broker to acknowledge what is on its way."""


@dataclass
class Pace:
    """How the play kept its time: `late` steps began after their time, by `behind` seconds at worst."""

    late: int = 0
    behind: float = 0.0

    def missed(self, seconds: float) -> None:
        self.late += 1
        self.behind = max(self.behind, seconds)


def play(
    publisher: Publisher,
    start: int,
    steps: Iterable[Step],
    due: Callable[[Step], float] | None,
    report: Callable[[str], None],
) -> Pace:
    """Publish `steps`, the first of which begins at `start` (ms); a step is not begun before `due` of it (seconds after
    the first; None: as soon as may be). Says so once when it falls behind by more than a second. Raises PublishError,
    Stopped."""
    pace = Pace()
    begun: float | None = None
    for step in steps:
        if begun is None:
            publisher.clock(start, step.end)  # answered only once somebody listens: the play begins then
            begun = time.monotonic()
        early = due(step) - (time.monotonic() - begun) if due is not None else 0.0
        if early > 0.0:
            publisher.idle(early)
        elif early < -0.1:
            if pace.behind <= 1.0 < -early:
                report(f"falling behind: this step begins {-early:.1f} s after its time")
            pace.missed(-early)
        publisher.send(step.messages)
        publisher.drain()
        publisher.clock(step.end, step.next)
    return pace


def run(
    publisher: Publisher,
    play_it: Callable[[], Pace],
    expected: Callable[[], list[Expected]],
    bounds: Callable[[], tuple[int, int]],
) -> Published:
    """Run `play_it` to its end or until the publisher is asked to stop, and give the account of it."""
    begun = time.monotonic()
    pace, complete = Pace(), True
    try:
        pace = play_it()
    except Stopped:
        complete = False
        publisher.settle(SETTLE)
    finally:
        publisher.close()
    ledger = publisher.ledger
    start, end = bounds()
    return Published(
        received=ledger.received,
        refused=ledger.refused,
        messages=ledger.messages,
        expected=expected(),
        complete=complete,
        wall_seconds=round(time.monotonic() - begun, 3),
        late_steps=pace.late,
        behind=round(pace.behind, 3),
        start=start,
        end=end,
    )


def even(start: int, end: int, length: int) -> Iterator[tuple[int, int]]:
    """The stretches of `length` ms from `start` to `end`; the last one may be shorter."""
    return ((at, min(at + length, end)) for at in range(start, end, length))
