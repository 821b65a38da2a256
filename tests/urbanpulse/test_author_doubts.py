"""Warnings beside faults: what is sound but hardly meant."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.catalogue import Catalogue, parse_rules
from tests.support.authors import MIN, catalogue_of, rules_of, sensor
from tests.support.sample_city import FOLDER, city_rules, sensors
from tests.support.small_city import small_city
from urbanpulse.authors.doubts import doubts
from urbanpulse.cli import app

DOUBTFUL = [
    ("metric: pm25, above: {yellow: 75, red: 2000}", "above.red: can never fire: pm25 lies between 0 and 2000"),
    ("metric: humidity, below: {yellow: 0}", "below.yellow: can never fire: humidity lies between 0 and 1"),
    ("metric: humidity, above: {yellow: 80}", "above.yellow: can never fire"),
    ("metric: pm25, above: {yellow: -1}", "above.yellow: fires with every value"),
    ("metric: pm25, above: {yellow: 75}, clear: {yellow: -3}", "clear.yellow: never clears"),
    (
        "metric: pm25, above: {yellow: 75, red: 150}, clear: {yellow: 60, red: 70}",
        "clear.red: red stays on until 70, and yellow begins above 75: on the way back it swallows yellow",
    ),
    (
        "metric: temperature, below: {yellow: -15, red: -22}, clear: {red: -15}",
        "clear.red: red stays on until -15, and yellow begins below -15",
    ),
    ("metric: pm25, above: {yellow: 75}, hold: 30s", "hold: 30s is shorter than the interval of 1 of 1 sensors"),
    ("metric: pm25, above: {yellow: 75}, keep_firing: 59s", "keep_firing: 59s is shorter than the interval"),
    ("metric: pm25, above: {yellow: 75}, where: {kind: [air, water]}", "where.kind: 'water' selects no sensor"),
]
WINDOWS = [
    ("aggregate: count, every: 1h, below: {yellow: 0}", "below.yellow: can never fire: a count is never less than 0"),
    ("aggregate: count, every: 1h, above: {yellow: 3.2, red: 3.7}", "above.red: a count is whole"),
    ("aggregate: count, every: 1h, below: {yellow: 3.7, red: 3.2}", "below.red: a count is whole"),
    ("aggregate: mean, every: 1h, above: {yellow: 2000}", "above.yellow: can never fire"),
    ("aggregate: share_above, mark: 50, every: 1h, above: {yellow: 1}", "can never fire: a share lies between 0 and 1"),
    ("aggregate: median, session: 1h, above: {yellow: 2000}", "above.yellow: can never fire"),
    ("aggregate: mean, every: 30s, above: {yellow: 75}", "every: 30s is shorter than the interval"),
]


def doubts_of(line: str) -> list[str]:
    known = (sensor("a", metrics="pm25 humidity temperature"), sensor("w", "water", "water_level"))
    return [str(each) for each in doubts(catalogue_of(line, *known))]


@pytest.mark.parametrize(
    ("line", "words"),
    [(f"name: r, kind: threshold, {keys}", words) for keys, words in DOUBTFUL]
    + [(f"name: r, kind: window, metric: pm25, {keys}", words) for keys, words in WINDOWS]
    + [
        (
            "name: r, kind: silence, metric: pm25, after: 1min, severity: red",
            "after: 1min is no longer than the interval",
        )
    ],
)
def test_one_doubt_with_its_place(line: str, words: str) -> None:
    [doubt] = doubts_of(line)
    assert doubt.startswith("rules.yaml:2: rules[0].")
    assert words in doubt


@pytest.mark.parametrize(
    "keys",
    [
        "kind: threshold, metric: pm25, above: {yellow: 75, red: 150}, clear: {yellow: 60, red: 76}, hold: 1min",
        "kind: threshold, metric: temperature, below: {yellow: -15, red: -22}, clear: {yellow: -13, red: -16}",
        "kind: window, metric: pm25, aggregate: count, every: 1h, above: {yellow: 3, red: 4}",
        "kind: window, metric: pm25, aggregate: count, every: 1h, below: {yellow: 1}",
        "kind: window, metric: pm25, aggregate: max, every: 1min, above: {yellow: 1999}",
        "kind: silence, metric: pm25, after: 61s, severity: red",
        "kind: window, metric: pm25, aggregate: mean, every: 30s, over: 10min, above: {yellow: 75}",
        "kind: window, metric: pm25, aggregate: sum, every: 1h, above: {yellow: 9000}",
        "kind: change, metric: pm25, measure: rate, per: 1h, above: {yellow: 2000}, hold: 1min",
    ],
)
def test_what_is_well_meant_raises_none(keys: str) -> None:
    assert doubts_of(f"name: r, {keys}") == []


def test_the_line_is_that_of_the_severity() -> None:
    text = "rules:\n- name: a\n  kind: threshold\n  metric: pm25\n  above:\n    yellow: 75\n    red: 9000\n"
    rules, faults = parse_rules(text, "air.yaml")
    assert not faults
    [doubt] = doubts(Catalogue({"a": sensor("a")}, tuple(rules)))
    assert (doubt.file, doubt.line, doubt.key) == ("air.yaml", 7, "rules[0].above.red")


def test_the_slowest_sensor_is_named_and_counted() -> None:
    known = [sensor("quick"), sensor("slow", interval=10 * MIN), sensor("slower", interval=20 * MIN)]
    rule = "name: r, kind: threshold, metric: pm25, above: {yellow: 75}, hold: 5min"
    [doubt] = doubts(catalogue_of(rule, *known))
    assert "2 of 3 sensors that it selects (slower: 20min)" in doubt.message
    assert "40min" in doubt.suggestion


TWINS = """
name: a, kind: threshold, metric: pm25, above: {yellow: 75}, where: {sensor: [s, t]}
name: b, kind: threshold, metric: pm25, above: {yellow: 75}, where: {sensor: OTHER}
"""


def test_two_rules_that_say_the_same_of_one_sensor() -> None:
    known = {name: sensor(name) for name in "stu"}
    both = [str(each) for each in doubts(Catalogue(known, rules_of(TWINS.replace("OTHER", "[t, u]"))))]
    assert len(both) == 1
    assert "rules[1].name: says of pm25 the same as a in rules.yaml:2" in both[0]
    assert doubts(Catalogue(known, rules_of(TWINS.replace("OTHER", "u")))) == []


def test_the_sample_city_raises_no_doubt() -> None:
    assert doubts(Catalogue(sensors(), city_rules())) == []


def test_check_warns_and_goes_on(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    file = city / "rules" / "traffic.yaml"
    file.write_text(file.read_text().replace("hold: 10min", "hold: 1s"))
    done = CliRunner().invoke(app, ["check", str(city)])
    assert done.exit_code == 0
    assert "no fault." in done.output and "1 warning." in done.output
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if "hold: 1s" in text)
    assert f"warning: {file}:{line}: rules[0].hold: 1s is shorter" in done.output
    assert CliRunner().invoke(app, ["check", str(city), "--strict"]).exit_code == 1
    assert CliRunner().invoke(app, ["check", str(FOLDER), "--strict"]).exit_code == 0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("kind: quorum, of: {metric: pm25, above: 75}, at_least: {red: 1}, amend: 3d", "of 1 sensors that it selects"),
        (
            "kind: compare, left: {metric: pm25}, right: {metric: temperature}, measure: ratio, age: 1h, "
            "above: {red: 9}, amend: 7d",
            "of a more than 20000 values would come within 7d; no more are kept. 10000min is what that number lasts",
        ),
    ],
)
def test_more_than_a_group_can_judge_again(keys: str, words: str) -> None:
    assert any(f"rules.yaml:2: rules[0].amend: {words}" in each for each in doubts_of(f"name: r, {keys}"))


@pytest.mark.parametrize(
    "keys",
    [
        "kind: area, metric: pm25, aggregate: mean, every: 1h, across: max, above: {red: 75}, amend: 7d",
        "kind: quorum, of: {metric: pm25, above: 75}, at_least: {red: 1}, amend: 2h",
    ],
)
def test_what_a_group_can_judge_again_raises_no_doubt(keys: str) -> None:
    assert [each for each in doubts_of(f"name: r, {keys}") if ".amend" in each] == []
