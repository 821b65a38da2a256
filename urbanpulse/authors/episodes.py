"""From findings to episodes: when something was wrong, how badly, and whom it kept busy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from rules.finding import Finding


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch of a rule being true for an entity. `steps`: (since ms, severity), oldest first. `end` (ms): None
    while it goes on."""

    rule: str
    entity: str
    steps: tuple[tuple[int, str], ...]
    end: int | None
    findings: tuple[Finding, ...]

    @property
    def onset(self) -> int:
        return self.steps[0][0]

    def until(self, horizon: int) -> int:
        """Its end, or `horizon` while it has none."""
        return horizon if self.end is None else self.end


class Load(msgspec.Struct, frozen=True):
    """What a rule causes or a department is told: findings, episodes, and entities (a metric of a sensor)."""

    findings: int = 0
    episodes: int = 0
    entities: int = 0


def episodes(findings: Iterable[Finding]) -> list[Episode]:
    """In the order of their onset."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.episode, []).append(finding)
    return sorted(map(_episode, found.values()), key=lambda each: (each.onset, each.rule, each.entity))


def _episode(revisions: Sequence[Finding]) -> Episode:
    last = revisions[-1]
    steps = tuple((each.at, each.severity) for each in revisions if each.severity)
    return Episode(
        last.rule, last.entity, steps or ((last.onset, last.was),), None if last.severity else last.at, tuple(revisions)
    )


def by_rule(findings: Iterable[Finding], rules: Iterable[str]) -> dict[str, Load]:
    """The load of each rule, also of those that say nothing."""
    return _loads(((finding.rule, finding) for finding in findings), rules)


def by_department(findings: Iterable[Finding], departments: Iterable[str]) -> dict[str, Load]:
    """The load of each department; a finding for two of them is a load on both."""
    return _loads(((name, each) for each in findings for name in each.departments), departments)


def _loads(named: Iterable[tuple[str, Finding]], names: Iterable[str]) -> dict[str, Load]:
    found: dict[str, list[Finding]] = {name: [] for name in names}
    for name, finding in named:
        found.setdefault(name, []).append(finding)
    return {
        name: Load(len(each), len({one.episode for one in each}), len({one.entity for one in each}))
        for name, each in found.items()
    }
