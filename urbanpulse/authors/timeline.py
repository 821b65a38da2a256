"""Episodes over time as rows of characters: for a terminal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from urbanpulse.authors.episodes import Episode

BARS = " ▁▂▃▄▅▆▇█"


def sketch(episodes: Iterable[Episode], rules: Sequence[str], start: int, end: int, width: int = 64) -> list[str]:
    """One row for each rule that had an episode between `start` and `end` (ms). A cell is as high as the greatest
    number of episodes at any time within it, the row's greatest being full height and named behind it."""
    width = max(8, width)
    length = max(1, -(-(end - start) // width))
    own: dict[str, list[Episode]] = {rule: [] for rule in rules}
    for episode in episodes:
        own.setdefault(episode.rule, []).append(episode)
    names = max((len(rule) for rule, each in own.items() if each), default=0)
    lines = []
    for rule, each in own.items():
        if each:
            heights = _heights(each, start, end, length, width)
            most = max(heights)
            row = "".join(BARS[-(-8 * height // most)] if most else " " for height in heights)
            lines.append(f"{rule:<{names}} |{row}| {most}")
    if lines:
        left, right = _moment(start), _moment(end)
        lines.append(f"{'':<{names}}  {left}{right:>{max(1, width - len(left))}}")
    return lines


def _heights(episodes: Iterable[Episode], start: int, end: int, length: int, width: int) -> list[int]:
    """The greatest number of episodes at once in each cell: a sweep over begins and ends, ends first."""
    events = sorted(
        event for each in episodes for event in ((each.onset, 1), (max(each.until(end), each.onset + 1), -1))
    )
    heights = [0] * width
    now, cell = 0, 0
    for at, by in events:
        place = min(max((at - start) // length, 0), width - 1)
        for between in range(cell, place):
            heights[between] = max(heights[between], now)
        # One that ended where this cell begins is not in it.
        if not (by < 0 and at == start + place * length):
            heights[place] = max(heights[place], now)
        now, cell = now + by, place
        heights[place] = max(heights[place], now)
    for between in range(cell, width):
        heights[between] = max(heights[between], now)
    return heights


def _moment(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M")
