"""How much of a window was measured."""

from collections.abc import Iterable

from rules.panes import Pane


def covered(panes: Iterable[Pane], start: int, end: int, interval: int) -> int:
    """The ms of [start, end) that readings stand for: each for one `interval` (ms) from its own time on. So many
    readings that a pane has forgotten the times of some stand for all of it up to there."""
    found, edge = 0, start
    for pane in sorted(panes, key=lambda pane: pane.start):
        stretches = [(at, at + interval) for at in pane.ts]
        if pane.floor >= 0:
            stretches.insert(0, (pane.start, pane.floor + 1))
        for begin, until in stretches:
            begin, until = max(begin, edge), min(until, end)
            if begin < until:
                found += until - begin
                edge = until
    return found
