"""The cookbook: every recipe is a sound rule without a doubt, editors take it, and its own test passes."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from rules.calendars_file import parse_calendars
from rules.catalogue import Catalogue, parse_rules
from rules.derived.settings import Indices
from rules.indices.noise_areas import WHO_ROAD
from rules.levels import Levels
from rules.rule import Rule
from rules.rule_file import KINDS
from rules.sensor import Sensor
from rules.strict_yaml import read_yaml
from tests.support.sample_city import city_rules, sensors
from urbanpulse.authors.case_file import parse_cases
from urbanpulse.authors.case_sensors import parse_sensors
from urbanpulse.authors.doubts import doubts
from urbanpulse.authors.editor_schema import rule_schema
from urbanpulse.authors.trial import explain, run_case

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cookbook.md"
SENSORS, *BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
RECIPES = list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))
[CALENDARS_TEXT] = re.findall(r"```yml\n(.*?)```", PAGE.read_text(), re.DOTALL)
CALENDARS, _FAULTS = parse_calendars(CALENDARS_TEXT, PAGE.name)
TITLES = re.findall(r"^### (.*)$", PAGE.read_text(), re.MULTILINE)


def registry() -> dict[str, Sensor]:
    root, faults = read_yaml(SENSORS, PAGE.name)
    fields = root.fields(("sensors",)) if root is not None else None
    assert fields is not None and not faults
    found = parse_sensors(fields["sensors"])
    assert found is not None, faults
    return found


def rules_of(text: str) -> list[Rule]:
    rules, faults = parse_rules(text, PAGE.name)
    assert rules and not faults, faults
    return rules


def test_there_are_as_many_as_are_promised() -> None:
    assert len(RECIPES) == len(TITLES) >= 20
    kinds = {rule.kind for text, _ in RECIPES for rule in rules_of(text)}
    assert kinds >= {"threshold", "window", "silence"} and kinds <= set(KINDS)


@pytest.mark.parametrize("recipe", RECIPES, ids=TITLES)
def test_a_recipe_does_what_it_says(recipe: tuple[str, str]) -> None:
    rule, tests = recipe
    rules = rules_of(rule)
    cases, faults = parse_cases(tests, PAGE.name, rules, registry())
    assert cases and not faults, faults
    for case in cases:
        assert case.expected, "a test that expects nothing shows nothing"
        verdict = run_case(case, rules, Indices(), calendars=CALENDARS)
        assert verdict.passed, "\n".join(explain(verdict))


def test_the_example_of_the_tools_page_passes_in_the_sample_city() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", (PAGE.parent / "tools.md").read_text(), re.DOTALL)
    cases, faults = parse_cases(example, "tools.md", city_rules(), sensors())
    assert len(cases) == 1 and not faults, faults
    verdict = run_case(cases[0], city_rules())
    assert verdict.passed, "\n".join(explain(verdict))


def test_every_reason_why_not_is_on_the_tools_page() -> None:
    page = (PAGE.parent / "tools.md").read_text()
    folder = PAGE.parents[1] / "urbanpulse" / "authors"
    source = (folder / "answer.py").read_text() + (folder / "window_view.py").read_text()
    codes = set(re.findall(r'(?:Answer\(|return |code = |code, reason = )"([a-z]+_?[a-z]+)"', source))
    assert {"below_limit", "holding", "not_selected", "window_open", "late"} <= codes
    assert [code for code in sorted(codes) if f"`{code}`" not in page] == []


def test_all_of_them_are_one_city_without_a_doubt() -> None:
    rules = [rule for text, _ in RECIPES for rule in rules_of(text)]
    assert len({rule.name for rule in rules}) == len(rules)
    assert not _FAULTS
    assert doubts(Catalogue(registry(), tuple(rules), indices=Indices(), calendars=CALENDARS), 1_770_000_000_000) == []


def test_editors_take_them() -> None:
    validator = Draft7Validator(rule_schema())
    for text, _ in RECIPES:
        assert [error.message for error in validator.iter_errors(YAML(typ="safe", pure=True).load(text))] == []


def test_the_advice_of_the_who_is_that_of_the_table() -> None:
    rules = {rule.name: rule.spec for text, _ in RECIPES for rule in rules_of(text)}
    for name, limit in (("noise-of-a-day", WHO_ROAD["Lden"]), ("noise-of-a-night", WHO_ROAD["Lnight"])):
        spec = rules[name]
        assert isinstance(spec, Levels) and [level.limit for level in spec.levels] == [limit]
