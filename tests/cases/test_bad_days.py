"""Each folder beside this file is a bad day: a complaint that users of other systems have brought to their makers, or
an input that breaks weak engines. What must be found is worked out by hand; tests/support/bad_day.py says how it is
written."""

from functools import cache
from pathlib import Path

import pytest

from tests.support.bad_day import BadDay
from tests.support.bad_day_play import Log, differences, judge, said
from urbanpulse.authors.backtest import backtest
from urbanpulse.authors.history import History

HERE = Path(__file__).parent
DAYS = sorted(path.parent.name for path in HERE.glob("*/expected.yaml"))
CUTS = {"each reading alone": (1,), "by threes": (3,), "unevenly": (2, 7, 1)}


@cache
def day(name: str) -> tuple[BadDay, Log]:
    found = BadDay(HERE / name)
    return found, Log(found)


@pytest.mark.parametrize("name", DAYS)
def test_it_finds_what_it_must_and_nothing_else(name: str) -> None:
    this, log = day(name)
    found = judge(log)
    wrong = differences(this, found.findings)
    assert not wrong, "\n" + "\n".join(wrong)
    script = this.script
    assert (found.late, found.repeats, found.skipped) == (script.late, script.repeats, script.skipped)
    assert log.refused == script.refused


@pytest.mark.parametrize("name", DAYS)
def test_however_the_log_is_cut_and_read_the_findings_are_the_same(name: str) -> None:
    _, log = day(name)
    whole = judge(log)
    for cut, sizes in CUTS.items():
        other = judge(log, sizes)
        assert (said(other.findings), other.late, other.repeats) == (said(whole.findings), whole.late, whole.repeats), (
            cut
        )
    again = judge(log, (5,), restarts=True)
    assert (said(again.findings), again.late, again.repeats) == (said(whole.findings), whole.late, whole.repeats)
    assert said(judge(log, (4,), twice=True).findings) == said(whole.findings)


@pytest.mark.parametrize("name", DAYS)
def test_each_day_tells_its_story_and_each_finding_its_reason(name: str) -> None:
    this, _ = day(name)
    lines = [line for line in (HERE / name / "README.md").read_text(encoding="utf-8").splitlines() if line.strip()]
    assert 2 <= len(lines) <= 8 and lines[0].startswith("# ")
    assert all(len(each.because) > 10 for each in this.script.findings)


PLAIN = [name for name in DAYS if BadDay(HERE / name).plain]


@pytest.mark.parametrize("name", PLAIN)
def test_a_backtest_of_the_day_says_what_the_judge_said(name: str) -> None:
    this, log = day(name)
    history = History(iter([(row.ts, row.sensor, row.metric, float(row.said)) for row in this.readings]), {})
    [found] = backtest([this.catalogue()], ["environment"], history, this.step)
    assert said(found.findings) == said([each for each in judge(log).findings if each.wall <= found.end])
    assert (found.late, found.repeats) == (0, 0)


def test_there_are_enough_of_them() -> None:
    assert len(DAYS) >= 30
    assert len(PLAIN) >= 15
