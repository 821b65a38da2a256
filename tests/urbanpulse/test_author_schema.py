"""The JSON Schema for editors: what the product accepts it accepts, what an author mistypes it marks."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML
from typer.testing import CliRunner

from rules.catalogue import parse_rules
from rules.rule_file import KINDS
from tests.support.sample_city import FOLDER
from urbanpulse.authors.editor_schema import rule_schema
from urbanpulse.catalogue_folder import rule_files
from urbanpulse.cli import app

VALIDATOR = Draft7Validator(rule_schema())


def problems(text: str) -> list[str]:
    content: Any = YAML(typ="safe", pure=True).load(text)
    return [error.message for error in VALIDATOR.iter_errors(content)]


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(rule_schema())


@pytest.mark.parametrize("file", rule_files(FOLDER / "rules"), ids=lambda file: file.stem)
def test_the_sample_city_is_sound_by_it(file: Path) -> None:
    assert problems(file.read_text()) == []


THRESHOLD = "rules: [{name: a, kind: threshold, metric: pm25, above: {yellow: 75}, hold: 5min}]"
WINDOW = "rules: [{name: a, kind: window, metric: pm25, aggregate: mean, every: 1h, below: {red: 5}}]"
SILENCE = "rules: [{name: a, kind: silence, metric: [pm25, pm10], after: 30min, severity: red}]"
CHANGE = "rules: [{name: a, kind: change, metric: pm25, measure: rate, per: 1h, above: {red: 5}, gap: 10min}]"
TIMES = "rules: [{name: a, kind: threshold, metric: pm25, above: {yellow: 75}, times: 3, within: 5min}]"
THIN = "rules: [{name: a, kind: window, metric: pm25, aggregate: percentile, percentile: 95, every: 5min, over: 1h, at_least: 45min, above: {red: 5}}]"  # noqa: E501
VISIT = (
    "rules: [{name: a, kind: window, metric: pm25, aggregate: share_above, mark: 5, session: 1h, above: {red: 0.5}}]"
)
QUORUM = (
    "rules: [{name: a, kind: quorum, of: {metric: pm25, above: 115}, at_least: {yellow: 30%}, area: {radius: 2km}}]"
)
AREA = (
    "rules: [{name: a, kind: area, metric: pm25, aggregate: mean, every: 1h, across: max, above: {red: 5}, area: city}]"
)

SEQUENCE = "rules: [{name: a, kind: sequence, area: neighbours, first: {metric: speed, below: 15, at: downstream}, then: {rule: jam, at: upstream}, within: 5min, severity: red}]"  # noqa: E501
COMPARE = "rules: [{name: a, kind: compare, left: {metric: pm25}, right: {metric: pm25, sensor: ref}, measure: ratio, age: 1h, above: {red: 2}}]"  # noqa: E501
COMBINE = "rules: [{name: a, kind: combine, all: [{rule: b, sensors: 2}, {not: {any: [{metric: pm25, silent: 5min}]}}], severity: red}]"  # noqa: E501
INCIDENT = "rules: [{name: a, kind: incident, every: 1min, severity: red, tentative: yellow, limits: {drop: 0.2}}]"


@pytest.mark.parametrize(
    "text",
    [THRESHOLD, WINDOW, SILENCE, CHANGE, TIMES, THIN, VISIT, QUORUM, AREA, SEQUENCE, COMPARE, COMBINE, INCIDENT],
)
def test_the_smallest_rules(text: str) -> None:
    assert problems(text) == []
    assert parse_rules(text, "x")[1] == []


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (SEQUENCE, "then: {", "missing: {rule: c}, then: {"),
        (SEQUENCE, "at: upstream", "at: above"),
        (SEQUENCE, "within: 5min, ", ""),
        (COMPARE, "measure: ratio", "measure: product"),
        (COMPARE, "age: 1h", "age: 1h, within: 5s"),
        (COMPARE, "sensor: ref", "sensors: ref"),
        (COMBINE, "sensors: 2", "sensors: most"),
        (COMBINE, "{not:", "{nor:"),
        (COMBINE, "all: [", "any: [{rule: c}], all: ["),
        (INCIDENT, "drop: 0.2", "drops: 0.2"),
        (THRESHOLD, "rules:", "rule:"),
        (THRESHOLD, "name: a", "name: A b"),
        (THRESHOLD, "name: a, ", ""),
        (THRESHOLD, "kind: threshold", "kind: treshold"),
        (THRESHOLD, "metric: pm25", "metric: pm2.5"),
        (THRESHOLD, "metric: pm25", "metric: [pm25, pm10]"),
        (THRESHOLD, "metric: pm25, ", ""),
        (THRESHOLD, "hold: 5min", "hold: 5m"),
        (THRESHOLD, "hold: 5min", "hold: 300"),
        (THRESHOLD, "hold: 5min", "holds: 5min"),
        (THRESHOLD, "hold: 5min", "below: {yellow: 1}"),
        (THRESHOLD, "above: {yellow: 75}, ", ""),
        (THRESHOLD, "yellow: 75", "yellow: high"),
        (THRESHOLD, "yellow: 75", "Yellow: 75"),
        (THRESHOLD, "{yellow: 75}", "{}"),
        (THRESHOLD, "hold: 5min", "where: {districts: north}"),
        (THRESHOLD, "hold: 5min", "notify: []"),
        (THRESHOLD, "hold: 5min", "text: ''"),
        (THRESHOLD, "hold: 5min", "every: 1h"),
        (WINDOW, "aggregate: mean", "aggregate: average"),
        (WINDOW, "every: 1h, ", ""),
        (WINDOW, "every: 1h", "every: 1h, session: 1h"),
        (CHANGE, "measure: rate", "measure: ratio"),
        (CHANGE, "measure: rate, ", ""),
        (CHANGE, "per: 1h", "per: 60"),
        (TIMES, "times: 3", "times: 1"),
        (TIMES, "times: 3", "times: 2.5"),
        (THIN, "percentile: 95", "percentile: 100"),
        (THIN, "at_least: 45min", "at_least: 0"),
        (VISIT, "mark: 5", "mark: high"),
        (QUORUM, "of: {metric: pm25, above: 115}, ", ""),
        (QUORUM, "above: 115", "above: high"),
        (QUORUM, "metric: pm25, above: 115", "above: 115"),
        (QUORUM, "metric: pm25, above: 115", "rule: Smog"),
        (QUORUM, "metric: pm25, above: 115", "rule: smog, above: 115"),
        (QUORUM, "metric: pm25, above: 115", "metric: pm25, silent: soon"),
        (QUORUM, "30%", "many"),
        (QUORUM, "{yellow: 30%}", "{}"),
        (QUORUM, "2km", "2miles"),
        (QUORUM, "{radius: 2km}", "town"),
        (QUORUM, "{radius: 2km}", "{inside: []}"),
        (AREA, "across: max", "across: most"),
        (AREA, "across: max, ", ""),
        (AREA, "area: city", "healthy: none"),
        (AREA, "area: city", "rank: 0"),
        (SILENCE, "after: 30min, ", ""),
        (SILENCE, "severity: red", "severity: [red]"),
        (SILENCE, "[pm25, pm10]", "[pm25, pm25]"),
    ],
)
def test_what_the_product_refuses_the_editor_marks(text: str, old: str, new: str) -> None:
    assert old in text
    wrong = text.replace(old, new, 1)
    assert problems(wrong), "the schema"
    assert parse_rules(wrong, "x")[1], "the product"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_with_just_its_own_keys(kind: str) -> None:
    own = next(
        each["then"]
        for each in rule_schema()["properties"]["rules"]["items"]["allOf"]
        if each["if"]["properties"]["kind"]["const"] == kind
    )
    keys = {*KINDS[kind].REQUIRED, *KINDS[kind].OPTIONAL}
    assert set(own["properties"]) == keys | {"name", "kind", "where", "when", "amend", "notify", "text"}
    assert set(own["required"]) == {"name", "kind", *KINDS[kind].REQUIRED}
    assert all(own["properties"][key].get("description") for key in keys)


def test_every_rule_that_the_docs_show_is_sound_by_it() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
    examples = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    assert len(examples) >= 4
    for example in examples:
        assert problems(example) == []


def test_the_command_prints_and_writes_it(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["schema"])
    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == rule_schema()
    file = tmp_path / "rules.schema.json"
    assert CliRunner().invoke(app, ["schema", "--out", str(file)]).exit_code == 0
    assert json.loads(file.read_text()) == rule_schema()
