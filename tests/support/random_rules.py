"""Rules drawn at random, of one kind or of all, as lines of a rules file; whatever is drawn is sound."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hypothesis import strategies as st

Draw = st.DrawFn

LIMITS = [-1.0, 0.0, 3.0, 5.0, 7.0, 8.0, 9.1, 10.0, 12.0, 15.0, 20.0]
OTHER_LIMITS: Mapping[str, list[float]] = MappingProxyType(
    {
        "count": [0.0, 1.0, 2.0, 3.0, 4.0, 6.0],
        "sum": [0.0, 10.0, 20.0, 25.0, 50.0],
        "share_above": [0.0, 0.25, 0.4, 0.5, 0.75, 1.0],
        "slope": [-3000.0, -500.0, 0.0, 100.0, 500.0, 3000.0],
        "stddev": [0.0, 1.0, 3.0, 5.0],
        "leq": [0.0, 8.0, 10.0, 12.0, 15.0],
        "percent": [-50.0, 0.0, 50.0, 100.0, 200.0],
        "rate": [-600.0, 0.0, 100.0, 600.0],
        "stuck": [0.005, 0.01, 0.05, 0.1],
    }
)
AGGREGATES = (
    "mean", "sum", "max", "min", "count", "median", "percentile", "stddev", "share_above", "first", "last", "slope",
    "leq",
)  # fmt: skip
SEVERITIES = ("blue", "yellow", "red")


def _seconds(draw: Draw, *choice: float) -> str:
    return f"{round(draw(st.sampled_from(choice)) * 1000)}ms"


def _levels(draw: Draw, limits: list[float]) -> str:
    """One to three severities on either side, some with a clear value of their own."""
    above = draw(st.booleans())
    number = draw(st.integers(1, min(3, len(limits))))
    chosen = sorted(draw(st.permutations(limits))[:number], reverse=not above)
    text = f"{'above' if above else 'below'}: {{{', '.join(map('{}: {}'.format, SEVERITIES, chosen))}}}"
    if draw(st.booleans()):
        harmless = min if above else max
        back = sorted((draw(st.sampled_from(limits)) for _ in chosen), reverse=not above)
        clears = [harmless(clear, limit) for clear, limit in zip(back, chosen, strict=True)]
        text += f", clear: {{{', '.join(map('{}: {}'.format, SEVERITIES, clears))}}}"
    return text


def _waits(draw: Draw) -> str:
    text = ""
    for key in ("hold", "keep_firing"):
        if draw(st.booleans()):
            text += f", {key}: {_seconds(draw, 0.5, 1, 2, 4, 7, 9)}"
    return text


def _metric(draw: Draw) -> str:
    return draw(st.sampled_from(("pm25", "pm25", "noise")))


def _threshold(draw: Draw) -> str:
    return f"kind: threshold, metric: {_metric(draw)}, {_levels(draw, LIMITS)}{_waits(draw)}"


def _counted(draw: Draw) -> str:
    times = f"times: {draw(st.integers(2, 4))}"
    if draw(st.booleans()):
        times += f", within: {_seconds(draw, 0.5, 1.5, 4, 8, 20)}"
    keep = f", keep_firing: {_seconds(draw, 1, 3, 6)}" if draw(st.booleans()) else ""
    return f"kind: threshold, metric: {_metric(draw)}, {_levels(draw, LIMITS)}, {times}{keep}"


def _aggregate(draw: Draw) -> str:
    name = draw(st.sampled_from(AGGREGATES))
    metric = "noise" if name == "leq" else _metric(draw)
    text = f"kind: window, metric: {metric}, aggregate: {name}, {_levels(draw, OTHER_LIMITS.get(name, LIMITS))}"
    if name == "percentile":
        text += f", percentile: {draw(st.sampled_from((1, 10, 50, 90, 95, 99)))}"
    if name == "share_above":
        text += f", mark: {draw(st.sampled_from((4.9, 5, 9)))}"
    return text


def _window(draw: Draw) -> str:
    every = draw(st.sampled_from((2, 4, 5, 6, 8, 10, 15, 20)))
    text = f"{_aggregate(draw)}, every: {every}s"
    length = every
    if draw(st.booleans()):
        length = every + draw(st.sampled_from((1, 3, 5, every, 2 * every)))
        text += f", over: {length}s"
    if draw(st.booleans()):
        text += f", delay: {_seconds(draw, 0.5, 1, 2, 3, 5, 12)}"
    if draw(st.integers(0, 2)) == 0:
        least = str(draw(st.integers(1, 3))) if draw(st.booleans()) else f"{draw(st.integers(1, length))}s"
        text += f", at_least: {least}"
    return text


def _stretch(draw: Draw) -> str:
    way = draw(st.sampled_from(("sliding", "readings", "session")))
    size = str(draw(st.integers(2, 6))) if way == "readings" else _seconds(draw, 1, 2, 3, 5, 8, 20)
    return f"{_aggregate(draw)}, {way}: {size}"


def _change(draw: Draw) -> str:
    measure = draw(st.sampled_from(("delta", "jump", "percent", "rate", "range", "stuck")))
    text = f"kind: change, metric: {_metric(draw)}, measure: {measure}, "
    text += f"{_levels(draw, OTHER_LIMITS.get(measure, LIMITS))}{_waits(draw)}"
    if measure == "rate":
        text += f", per: {draw(st.sampled_from(('1s', '1min', '1h')))}"
    if measure == "range":
        text += f", over: {_seconds(draw, 1, 4, 5, 12)}"
    elif draw(st.booleans()):
        text += f", gap: {_seconds(draw, 0.5, 2, 6, 10)}"
    return text


def _silence(draw: Draw) -> str:
    metric = draw(st.sampled_from(("pm25", "noise", "[pm25, noise]")))
    return f"kind: silence, metric: {metric}, after: {_seconds(draw, 1, 3, 7, 12, 25)}, severity: yellow"


KINDS: Mapping[str, Callable[[Draw], str]] = MappingProxyType(
    {
        "threshold": _threshold,
        "times": _counted,
        "window": _window,
        "stretch": _stretch,
        "change": _change,
        "silence": _silence,
    }
)


@st.composite
def rules_of(draw: Draw, kind: str) -> str:
    """Some rules of the kind, or with "mixed" of all kinds, as `tests.support.judging.catalogue` reads them."""
    number = draw(st.integers(1, 4))
    lines = []
    for index in range(number):
        one = draw(st.sampled_from(sorted(KINDS))) if kind == "mixed" else kind
        where = draw(st.sampled_from(("", "", ", where: {district: north}", ", where: {sensor: [a, c]}")))
        lines.append(f"{{name: r{index}, {KINDS[one](draw)}{where}}}")
    return "\n".join(lines)
