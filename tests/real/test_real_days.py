"""Rules of the cookbook and of the sample city on recorded data: each finding is explained, one by one, by rows of the
file, which are read here once more without anything of ours in between."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.levels import Levels
from tests.support.real_days import DATA, Stretch, five_minutes, hourly, judged, read

HERE = Path(__file__).parent
NAMES = ("beijing-2017-01", "los-angeles-2012-03-07")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="no shared data beside the project")


def cells_of(stretch: Stretch) -> Mapping[tuple[str, str, str], str]:
    """The file's cells by (time, sensor, column)."""
    if stretch.map == "metr-la":
        return {(at, detector, "speed"): cell for (at, detector), cell in five_minutes(stretch.paths()[0]).items()}
    return {
        (at, path.name.split(".")[0], column): cell
        for path in stretch.paths()
        for (at, column), cell in hourly(path).items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_finding_is_explained_and_nothing_else_is(name: str) -> None:
    stretch = read(HERE / f"{name}.yaml")
    zone, findings = ZoneInfo(stretch.zone), judged(stretch)
    found = sorted(
        (
            datetime.fromtimestamp(f.at / 1000, zone).strftime("%d %H:%M"),
            f.sensor,
            f.rule,
            f.change,
            f.severity or f.was,
        )
        for f in findings
    )
    explained = sorted(
        (each.at, each.sensor, each.rule, change, severity)
        for each in stretch.findings
        for change in ("fired", "changed", "cleared")
        if (severity := getattr(each, change))
    )
    assert found == explained
    assert all(len(each.because) > 20 for each in stretch.findings)
    assert not {f.rule for f in findings} & stretch.silent.keys()
    assert {f.rule for f in findings} | stretch.silent.keys() == {rule.name for rule in stretch.rules()}


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_that_explain_are_those_of_the_file(name: str) -> None:
    stretch = read(HERE / f"{name}.yaml")
    cells, month = cells_of(stretch), stretch.first[:8]
    for each in stretch.findings:
        column = stretch.column.get(each.rule, "speed")
        assert each.of
        for at, cell in each.of.items():
            assert cells[f"{month}{at}", each.sensor, column] == cell, (each.rule, each.sensor, at)


def test_rules_that_say_nothing_were_never_near_it() -> None:
    stretch = read(HERE / f"{NAMES[0]}.yaml")
    cells = cells_of(stretch)
    for rule in stretch.rules():
        quiet = stretch.silent.get(rule.name)
        if quiet is None or not quiet.nearest:
            continue
        levels = rule.spec if isinstance(rule.spec, Levels) else getattr(rule.spec, "levels", None)
        assert isinstance(levels, Levels)
        values = [
            float(cell)
            for (at, _, column), cell in cells.items()
            if column == stretch.column[rule.name] and cell != "NA" and stretch.first <= at[:10] <= stretch.last
        ]
        assert (max(values) if levels.above else min(values)) == float(quiet.nearest), rule.name
