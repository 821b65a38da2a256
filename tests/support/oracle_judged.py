"""What every part of the oracle tells, and how it says the same thing only once."""

from collections.abc import Iterator
from typing import NamedTuple

from rules.finding import Finding
from rules.rule import Rule


class Reading(NamedTuple):
    ts: int
    value: float
    offset: int


class Answer(NamedTuple):
    """What a finding says, but for its wording."""

    rule: str
    sensor: str
    metric: str
    revision: int
    severity: str
    was: str
    at: int
    onset: int
    value: float | None
    limit: float | None
    first: int
    last: int
    seen: tuple[tuple[int, float, int], ...]
    count: int
    wall: int
    change: str


def answer(finding: Finding) -> Answer:
    evidence = finding.evidence
    seen = tuple((each.ts, each.value, each.offset) for each in evidence.seen)
    return Answer(
        finding.rule,
        finding.sensor,
        finding.metric,
        finding.revision,
        finding.severity,
        finding.was,
        finding.at,
        finding.onset,
        finding.value,
        finding.limit,
        evidence.first,
        evidence.last,
        seen,
        evidence.count,
        finding.wall,
        finding.change,
    )


class Turn(NamedTuple):
    """A severity from `at` on, before it is known whether it differs from the one before. `word`: "undecided" for the
    doubt that it lasts, "decided" for the end of the doubt."""

    at: int
    severity: str
    limit: float | None
    value: float | None
    seen: tuple[Reading, ...]
    first: int
    count: int
    word: str = ""


class Judged:
    """One rule on one series: the readings it has accepted and what it has told."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        self.rule, self.sensor, self.metric = rule, sensor, metric
        self.readings: list[Reading] = []
        self.told: list[Answer] = []

    def tell(self, turns: list[Turn], offset: int, wall: int) -> Iterator[Answer]:
        """The answers among the turns, all since the beginning, that were not told before."""
        answers: list[Answer] = []
        severity, onset, revision, first = "", 0, 0, 0
        for turn in turns:
            if turn.severity == severity and not turn.word:
                continue
            if severity:
                revision += 1
            else:
                onset, revision, first = turn.at, 1, turn.first
            seen = tuple(tuple(each) for each in turn.seen)
            told = self.told[len(answers)] if len(answers) < len(self.told) else None
            last, heard = (told.last, told.wall) if told is not None else (offset, wall)
            answers.append(
                Answer(
                    self.rule.name,
                    self.sensor,
                    self.metric,
                    revision,
                    turn.severity,
                    severity,
                    turn.at,
                    onset,
                    turn.value,
                    turn.limit,
                    first,
                    last,
                    seen,
                    turn.count,
                    heard,
                    change_of(turn, severity),
                )
            )
            severity = turn.severity
        assert answers[: len(self.told)] == self.told, "what was told cannot change"
        news = answers[len(self.told) :]
        self.told = answers
        yield from news


def change_of(turn: Turn, severity: str) -> str:
    if turn.word == "undecided":
        return turn.word
    return "cleared" if not turn.severity else "changed" if severity else "fired"
