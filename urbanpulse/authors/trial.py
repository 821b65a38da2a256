"""Runs a test of rules, and shows what came beside what was expected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.calendar import Calendar
from rules.catalogue import Catalogue
from rules.derived.choice import DELAY
from rules.derived.settings import Indices
from rules.finding import Finding
from rules.geography import Shape
from rules.rule import Rule
from rules.text import number
from urbanpulse.authors.case import Case, Expected
from urbanpulse.authors.memory_log import MemoryLog, Reading

DAY = 86_400_000


@dataclass(frozen=True)
class Verdict:
    """What a case came to. `met`: pairs that agree; `missing`: expected and not found; `unasked`: found and not
    expected."""

    case: Case
    met: Sequence[tuple[Expected, Finding]]
    missing: Sequence[Expected]
    unasked: Sequence[Finding]

    @property
    def passed(self) -> bool:
        return not self.missing and not self.unasked


def run_case(
    case: Case,
    rules: Sequence[Rule],
    indices: Indices | None = None,
    shapes: Mapping[str, Shape] | None = None,
    calendars: Mapping[str, Calendar] | None = None,
) -> Verdict:
    """Judges the case's readings by those of `rules` that it names. `indices`: how the city's are made; `shapes` and
    `calendars`: its map and its days."""
    chosen = tuple(rule for rule in rules if rule.name in case.rules)
    catalogue = Catalogue(case.sensors, chosen, (), indices, shapes or {}, calendars or {})
    log = MemoryLog([catalogue])
    _play(log, case.arrivals, case.tick)
    # A window of the last moment, or an index, is decided when its stragglers have been waited for.
    wait = max((getattr(rule.spec, "delay", 0) for rule in chosen), default=0)
    wait = max([wait, *(each.delay for each in catalogue.areas.rules.values())])
    log.tick(max(log.clock, case.until) + max(wait, DELAY) + case.tick)
    left = [finding for finding in log.findings[0] if finding.at <= case.until and _meant(case, finding)]
    met, missing = [], []
    for expected in case.expected:
        match = next((finding for finding in left if _fits(expected, finding)), None)
        if match is None:
            missing.append(expected)
        else:
            left.remove(match)
            met.append((expected, match))
    return Verdict(case, met, missing, left)


def _meant(case: Case, finding: Finding) -> bool:
    """A test is about the sensors that it names. The others of the city say nothing in it, and that is no news."""
    return finding.kind != "silence" or finding.sensor in case.named


def _play(log: MemoryLog, arrivals: Iterable[tuple[int, Reading]], tick: int) -> None:
    """Each reading when it arrives, the clock ticking between them. Where nothing arrives two ticks do for many: what
    falls due does so at its own time."""
    batch: list[Reading] = []
    end = -1
    for at, reading in arrivals:
        if at >= end:
            log.write(batch)
            start = at - at % tick
            for moment in (end, start):
                if moment > log.clock:
                    log.tick(moment)
            batch, end = [], start + tick
        batch.append(reading)
    log.write(batch)
    log.tick(end)


def _fits(expected: Expected, finding: Finding) -> bool:
    return (
        finding.at == expected.at
        and finding.rule == expected.rule
        and _name(finding) == (expected.area or expected.sensor)
        and finding.change == expected.change
        and finding.about == expected.severity
        and expected.metric in ("", finding.metric)
        and (expected.value is None or number(expected.value) == number(finding.value))
        and (expected.notify is None or expected.notify == tuple(sorted(finding.departments)))
    )


def _name(finding: Finding) -> str:
    """Of the sensor, or of the area that the finding is about."""
    return finding.entity.rpartition("/")[0]


def explain(verdict: Verdict) -> list[str]:
    """A line for each finding in the order of time: "-" expected and missing, "+" found and not expected, " " as
    expected."""
    start = verdict.case.start
    rows = [(each.at, 0, f"- {_expected(each, start)}") for each in verdict.missing]
    rows += [(each.at, 1, f"+ {_found(each, start)}") for each in verdict.unasked]
    rows += [(found.at, 2, f"  {_found(found, start)}") for _, found in verdict.met]
    return [line for _, _, line in sorted(rows)]


def _expected(each: Expected, start: int) -> str:
    name = each.area or each.sensor
    entity = f"{name}/{each.metric}" if each.metric else name
    more = "" if each.value is None else f", value {number(each.value)}"
    more += "" if each.notify is None else f", notify {', '.join(each.notify)}"
    return f"{_time(each.at, start)} {each.rule} {entity} {each.change} {each.severity}{more} (line {each.line})"


def _found(each: Finding, start: int) -> str:
    value = "" if each.value is None else f", value {number(each.value)}"
    limit = "" if each.limit is None else f", limit {number(each.limit)}"
    words = f"{value}{limit}, notify {', '.join(sorted(each.departments))}"
    return f"{_time(each.at, start)} {each.rule} {each.entity} {each.change} {each.about}{words}"


def _time(at: int, start: int) -> str:
    """As tests write it."""
    days = (at - start) // DAY
    moment = datetime.fromtimestamp(at / 1000, UTC)
    if not 0 <= days <= 999:
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = moment.strftime("%H:%M:%S") + (f".{at % 1000:03d}" if at % 1000 else "")
    return f"+{days}d {text}" if days else text
