"""What authors read on a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from urbanpulse.authors.backtest import Backtest
from urbanpulse.authors.difference import Difference, Told
from urbanpulse.authors.episodes import Load, episodes
from urbanpulse.authors.timeline import sketch
from urbanpulse.authors.trial import Verdict, explain
from urbanpulse.commands.common import show_instant

SHOWN = 20
"""Findings that are named; all are counted, and JSON has all."""


def backtest(found: Backtest, width: int) -> Iterator[str]:
    """Counts, and a sketch of the time."""
    if not found.readings:
        yield "no reading of that time"
        return
    anew = f", {found.amending} decided upon anew" if found.amending else ""
    yield (
        f"{found.readings} readings, {show_instant(found.start)} to {show_instant(found.end)} ({found.days:.1f} days); "
        f"{found.late} late, {found.repeats} repeats{anew}"
    )
    yield from _loads("rule", found.rules, found.days)
    yield from _loads("department", found.departments, found.days)
    lines = sketch(episodes(found.findings), list(found.rules), found.start, found.end, width)
    if lines:
        yield ""
        yield from lines


def _loads(title: str, loads: Mapping[str, Load], days: float) -> Iterator[str]:
    width = max(len(title), *map(len, loads)) if loads else len(title)
    yield ""
    yield f"{title:<{width}} {'findings':>9} {'a day':>8} {'episodes':>9} {'series':>7}"
    for name, load in loads.items():
        taken_back = f"  {load.amended} amended, {load.withdrawn} withdrawn" if load.amended or load.withdrawn else ""
        figures = f"{load.findings:>9} {load.findings / days:>8.1f} {load.episodes:>9} {load.entities:>7}"
        yield f"{name:<{width}} {figures}{taken_back}"


def difference(found: Difference, budget: float | None) -> Iterator[str]:
    """What a change of rules changes."""
    yield (
        f"{found.before} findings before, {found.after} after, in {found.days:.1f} days: {len(found.added)} added, "
        f"{len(found.removed)} removed, {len(found.moved)} moved, {found.same} the same"
    )
    for sign, several in (("+", found.added), ("-", found.removed), ("~", found.moved)):
        for told in several[:SHOWN]:
            yield f"{sign} {_told(told)}"
        if len(several) > SHOWN:
            yield f"{sign} ... and {len(several) - SHOWN} more"
    width = max([len("department"), *map(len, found.departments)])
    yield ""
    yield f"{'department':<{width}} {'before':>9} {'after':>9} {'more a day':>11}"
    for name, (before, after) in found.departments.items():
        more = (after.findings - before.findings) / found.days
        yield f"{name:<{width}} {before.findings:>9} {after.findings:>9} {more:>+11.1f}"
    if budget is not None:
        verdict = "over" if found.more_a_day > budget else "within"
        yield f"{found.more_a_day:+.1f} findings a day, {verdict} the budget of {budget:g}"


def _told(told: Told) -> str:
    moved = "" if told.to is None else f" -> {show_instant(told.to)}"
    return f"{show_instant(told.at)}{moved} {told.rule} {told.entity} {told.change} {told.severity}"


def trials(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What failed, with its difference, and how many passed."""
    for verdict in verdicts:
        if not verdict.passed:
            yield f"FAILED {verdict.case.file}:{verdict.case.line} {verdict.case.name}"
            yield from (f"  {line}" for line in explain(verdict))
    failed = sum(not verdict.passed for verdict in verdicts)
    yield f"{len(verdicts) - failed} passed, {failed} failed" if failed else f"{len(verdicts)} passed"
    if failed:
        yield "- expected and missing, + found and not expected"
