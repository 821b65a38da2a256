"""Two sets of rules over one history: which findings are new, which are gone, which only came at another time."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from rules.finding import Finding
from urbanpulse.authors.backtest import Backtest
from urbanpulse.authors.episodes import Load, episodes


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding, or with `to` (ms) one that came at `at` and comes at `to` now."""

    rule: str
    entity: str
    change: str
    severity: str
    at: int
    to: int | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """`same`: findings that are in both. `more_a_day`: new findings less old ones, for each day of the history."""

    days: float
    before: int
    after: int
    same: int
    more_a_day: float
    added: list[Told]
    removed: list[Told]
    moved: list[Told]
    departments: dict[str, tuple[Load, Load]]


def compare(old: Backtest, new: Backtest) -> Difference:
    """Both must be of the same history."""
    removed, added = Counter(map(told, old.findings)), Counter(map(told, new.findings))
    same = removed & added
    removed, added = removed - same, added - same
    moved = _moved(old, new, removed, added)
    names = {**old.departments, **new.departments}
    days = max(old.days, new.days)
    before, after = len(old.findings), len(new.findings)
    return Difference(
        days=days,
        before=before,
        after=after,
        same=same.total(),
        more_a_day=(after - before) / days,
        added=_sorted(added.elements()),
        removed=_sorted(removed.elements()),
        moved=_sorted(moved),
        departments={
            name: (old.departments.get(name, Load()), new.departments.get(name, Load())) for name in sorted(names)
        },
    )


def told(finding: Finding) -> Told:
    """What of a finding counts here: a new wording is no difference."""
    return Told(finding.rule, finding.entity, finding.change, finding.about, finding.at)


def _moved(old: Backtest, new: Backtest, removed: "Counter[Told]", added: "Counter[Told]") -> list[Told]:
    """Takes out of `removed` and `added` what belongs together: the same change of two episodes that overlap."""
    horizon = max(old.end, new.end)
    earlier: dict[tuple[str, str], list[tuple[int, int, Sequence[Finding]]]] = {}
    for episode in episodes(old.findings):
        span = (episode.onset, episode.until(horizon), episode.findings)
        earlier.setdefault((episode.rule, episode.entity), []).append(span)
    moved = []
    for episode in episodes(new.findings):
        for start, end, findings in earlier.get((episode.rule, episode.entity), ()):
            if start > episode.until(horizon) or end < episode.onset:
                continue
            for gone in map(told, findings):
                match = next(
                    (t for t in map(told, episode.findings) if removed[gone] and added[t] and _alike(gone, t)), None
                )
                if match is not None:
                    removed[gone] -= 1
                    added[match] -= 1
                    moved.append(msgspec.structs.replace(gone, to=match.at))
    return moved


def _alike(old: Told, new: Told) -> bool:
    return (old.change, old.severity) == (new.change, new.severity)


def _sorted(found: Iterable[Told]) -> list[Told]:
    return sorted(found, key=lambda each: (each.at, each.rule, each.entity, each.change))
