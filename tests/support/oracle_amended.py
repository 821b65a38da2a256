"""What a rule with `amend` must have said in the end: what it would have said, had all readings come in order.

The truth is worked out from the sorted list of all readings at once. What was said is added up from the findings, as
a receiver would who knows nothing else.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rules.catalogue import Catalogue
from rules.finding import Finding
from rules.rule import Rule
from tests.support.oracle import SeriesJudged, SilenceJudged
from tests.support.oracle_judged import Judged, Reading, Turn
from tests.support.oracle_levels import LevelJudged
from tests.support.oracle_scheduled import ScheduledJudged, ScheduledSilenceJudged
from tests.support.oracle_windows import StretchJudged, WindowJudged


class Life(NamedTuple):
    """An episode: each severity that it had since when, "" for its end, and whether it ends in doubt."""

    steps: tuple[tuple[int, str], ...]
    doubt: bool = False


def truth(
    catalogue: Catalogue,
    rule: Rule,
    sensor: str,
    metric: str,
    readings: Sequence[Reading],
    clock: int,
    since: int | None = None,
) -> list[Life]:
    """The episodes of one rule on one series, from all its readings, at `clock` (ms). `since`: from when on (ms) the
    first of them was waited for, None when it came before that."""
    judges = SeriesJudged(catalogue, sensor, metric).rules
    [judged] = [each for each in judges if each.rule == rule]
    judged.readings = sorted(readings)
    if isinstance(judged, SilenceJudged):
        judged.since = since
    elif isinstance(judged, ScheduledSilenceJudged):
        judged.since, judged.oldest = since, judged.readings[0].ts if readings else None
    elif not readings:
        return []
    elif isinstance(judged, ScheduledJudged):
        for time, plain in judged.plain.items():
            plain.readings = [each for each in judged.readings if time.start <= each.ts < time.end]
    return list(_lives(_turns(judged, clock)))


def _turns(judged: Judged, clock: int) -> list[Turn]:
    if isinstance(judged, SilenceJudged):
        return judged.turns(clock, 0)
    if isinstance(judged, ScheduledJudged | ScheduledSilenceJudged):
        judged.now = max([clock, *(each.ts for each in judged.readings)])
        return list(judged.turns(judged.now))
    newest = judged.readings[-1].ts
    if isinstance(judged, WindowJudged):
        judged.decide(judged.readings[0].ts, 0, clock, 0)
        return judged.decided
    if isinstance(judged, StretchJudged):
        return judged.turns(clock)
    assert isinstance(judged, LevelJudged)
    return judged.turns(max(clock, newest))


def _lives(turns: Iterable[Turn]) -> Iterable[Life]:
    steps: list[tuple[int, str]] = []
    doubt = False
    for turn in turns:
        if turn.severity == (steps[-1][1] if steps else ""):
            doubt = bool(steps) and turn.word == "undecided"
            continue
        steps.append((turn.at, turn.severity))
        doubt = False
        if not turn.severity:
            yield Life(tuple(steps))
            steps = []
    if steps:
        yield Life(tuple(steps), doubt)


def said(findings: Iterable[Finding]) -> dict[tuple[str, str, str], list[Life]]:
    """By rule, sensor or area, and metric the episodes that these findings leave standing, oldest first. Doubt about a
    group where nothing is on is none."""
    lives: dict[tuple[str, str, str], dict[str, Life]] = {}
    revisions: dict[str, int] = {}
    for each in findings:
        assert each.revision == revisions.get(each.episode, 0) + 1, "revisions follow each other"
        revisions[each.episode] = each.revision
        if each.area is not None and each.change == "undecided" and not each.severity:
            continue
        mine = lives.setdefault((each.rule, each.entity.rpartition("/")[0], each.metric), {})
        life = mine.get(each.episode)
        if each.change == "withdrawn":
            assert life is not None and each.severity == "" and each.before is not None and each.after is None
            del mine[each.episode]
        elif each.change == "amended":
            assert life is not None and each.before is not None and each.after is not None
            assert life.steps[-len(each.before.steps) :] == each.before.steps, "it knows what it had said"
            begin = each.after.steps[0][0]
            kept = [step for step in life.steps if each.after.onset <= step[0] < begin]
            mine[each.episode] = Life((*kept, *each.after.steps))
            assert each.severity == mine[each.episode].steps[-1][1]
        elif life is None:
            assert each.change == "fired" and each.was == "" and each.onset == each.at
            mine[each.episode] = Life(((each.at, each.severity),))
        elif each.severity == life.steps[-1][1]:
            assert each.was == each.severity and life.doubt == (each.change != "undecided")
            mine[each.episode] = Life(life.steps, each.change == "undecided")
        else:
            assert each.was == life.steps[-1][1]
            mine[each.episode] = Life((*life.steps, (each.at, each.severity)))
        if each.episode in mine:
            assert each.onset == mine[each.episode].steps[0][0]
    return {key: sorted(found.values()) for key, found in lives.items() if found}
