"""Rules over history: what they would have said, and to whom."""

from collections.abc import Callable, Sequence
from itertools import chain

import msgspec

from rules.catalogue import Catalogue
from rules.finding import Finding
from urbanpulse.authors.episodes import Load, by_department, by_rule
from urbanpulse.authors.history import History
from urbanpulse.authors.memory_log import MemoryLog, run

DAY = 86_400_000
STEP = 60_000
"""Ms of event time between two ticks, unless one asks for another."""


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """What one set of rules made of a history. Times are ms; `end` is where its clock stands at last."""

    start: int
    end: int
    readings: int
    late: int
    repeats: int
    rules: dict[str, Load]
    departments: dict[str, Load]
    findings: list[Finding]
    amending: int = 0

    @property
    def days(self) -> float:
        return max(self.end - self.start, 1) / DAY


def backtest(
    catalogues: Sequence[Catalogue],
    departments: Sequence[str],
    history: History,
    step: int = STEP,
    report: Callable[[int], None] | None = None,
) -> list[Backtest]:
    """Judges a history by each of the catalogues, all in one pass. `report` is told the number of readings judged."""
    log = MemoryLog(catalogues)
    first = next(history.readings, None)
    number, start = 0, 0 if first is None else first[0]
    # Recorded data know nothing of the city's own sensors: their silence there says nothing.
    mute = catalogues[0].sensors.keys() - history.sensors.keys() if history.sensors else frozenset()
    for number in run(log, chain(() if first is None else (first,), history.readings), step):
        if report is not None:
            report(number)
    return [
        Backtest(
            start=start,
            end=log.clock,
            readings=number,
            late=counts.late,
            repeats=counts.repeats,
            rules=by_rule(findings, [rule.name for rule in catalogue.rules]),
            departments=by_department(findings, departments),
            findings=findings,
            amending=counts.amending,
        )
        for catalogue, all_findings, counts in zip(catalogues, log.findings, log.counts(), strict=True)
        for findings in ([each for each in all_findings if each.kind != "silence" or each.sensor not in mute],)
    ]
