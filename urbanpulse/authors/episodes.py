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
    """What a rule causes or a department is told: findings, episodes, and entities (a metric of a sensor). Of the
    findings, those that took back what was said: `amended` and `withdrawn`; a withdrawn episode is none."""

    findings: int = 0
    episodes: int = 0
    entities: int = 0
    amended: int = 0
    withdrawn: int = 0


def episodes(findings: Iterable[Finding]) -> list[Episode]:
    """In the order of their onset; those that were withdrawn, and so never were, are left out."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.episode, []).append(finding)
    real = [each for each in found.values() if each[-1].change != "withdrawn"]
    return sorted(map(_episode, real), key=lambda each: (each.onset, each.rule, each.entity))


def _episode(revisions: Sequence[Finding]) -> Episode:
    last = revisions[-1]
    steps: list[tuple[int, str]] = []
    for each in revisions:
        if each.after is not None:  # an amended one went otherwise, from the first step on that it names
            begin = each.after.steps[0][0]
            known = [step for step in steps if each.onset <= step[0] < begin]
            steps = [*known, *(step for step in each.after.steps if step[1])]
        elif each.severity:
            steps.append((each.at, each.severity))
    end = None if last.severity else last.at
    return Episode(last.rule, last.entity, tuple(steps) or ((last.onset, last.was),), end, tuple(revisions))


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
        name: Load(
            len(each),
            len([one for one in {one.episode: one for one in each}.values() if one.change != "withdrawn"]),
            len({one.entity for one in each}),
            sum(one.change == "amended" for one in each),
            sum(one.change == "withdrawn" for one in each),
        )
        for name, each in found.items()
    }
