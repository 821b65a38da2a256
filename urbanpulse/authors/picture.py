"""Episodes over time as an SVG picture: one row for each rule and entity, coloured by severity."""

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from urbanpulse.authors.episodes import Episode

COLOURS = {"blue": "#3b7dd8", "yellow": "#e0b400", "orange": "#e8781e", "red": "#c8102e"}
OTHERS = ("#7a4fa3", "#2a8f7b", "#8a6d3b", "#5b6b7b")
ROWS = 200
"""Rows at most; how many more there are is said below them."""
LEFT, WIDTH, ROW, TOP = 320, 960, 18, 34
STEPS = tuple(
    1000 * seconds for seconds in (60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000)
)


def svg(episodes: Iterable[Episode], title: str, start: int, end: int) -> str:
    """The picture of the time from `start` to `end` (ms), whole."""
    rows: dict[tuple[str, str], list[Episode]] = {}
    for episode in episodes:
        rows.setdefault((episode.rule, episode.entity), []).append(episode)
    shown = sorted(rows)[:ROWS]
    left_out = len(rows) - len(shown)
    height = TOP + ROW * len(shown) + (ROW if left_out or not shown else 0) + 12
    scale = WIDTH / max(1, end - start)
    body = [f'<text x="8" y="16" font-weight="bold">{escape(title)}</text>', *_axis(start, end, scale, height)]
    for number, key in enumerate(shown):
        y = TOP + ROW * number
        body.append(f'<text x="8" y="{y + 13}">{escape(f"{key[0]}  {key[1]}"[:52])}</text>')
        for episode in rows[key]:
            body += _bars(episode, y, start, end, scale)
    if left_out or not shown:
        words = f"and {left_out} more" if left_out else "no findings"
        body.append(f'<text x="8" y="{TOP + ROW * len(shown) + 13}" fill="#666">{words}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 16}" height="{height}" '
        f'font-family="sans-serif" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _bars(episode: Episode, y: int, start: int, end: int, scale: float) -> Iterable[str]:
    ends = [at for at, _ in episode.steps[1:]] + [episode.until(end)]
    for (at, severity), until in zip(episode.steps, ends, strict=True):
        x = LEFT + (max(at, start) - start) * scale
        width = max(1.5, (min(until, end) - max(at, start)) * scale)
        tip = f"{episode.rule} {episode.entity}: {severity} from {_moment(at)} to {_moment(until)}"
        if until == episode.until(end) and episode.end is None:
            tip += ", not over"
        yield (
            f'<rect x="{x:.1f}" y="{y + 3}" width="{width:.1f}" height="{ROW - 6}" fill={quoteattr(_colour(severity))}>'
            f"<title>{escape(tip)}</title></rect>"
        )


def _colour(severity: str) -> str:
    return COLOURS.get(severity) or OTHERS[sum(severity.encode()) % len(OTHERS)]


def _axis(start: int, end: int, scale: float, height: int) -> Iterable[str]:
    step = next((step for step in STEPS if (end - start) / step <= 8), STEPS[-1] * -(-(end - start) // (8 * STEPS[-1])))
    form = "%H:%M" if step < 86_400_000 else "%Y-%m-%d"
    for at in range(start + -start % step, end + 1, step):
        moment = datetime.fromtimestamp(at / 1000, UTC)
        x = LEFT + (at - start) * scale
        text = moment.strftime("%Y-%m-%d" if at % 86_400_000 == 0 else form)
        yield f'<line x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{height - 8}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{TOP - 8}" text-anchor="middle" fill="#666">{text}</text>'


def _moment(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
