"""What many sensors' values are made into: exactly, whatever their order."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.across import ACROSS, across
from rules.kinds.area import AreaSpec
from rules.rule_file import parse_rules

VALUES = [5.0, 1.0, 3.0, 11.0]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("mean", 5.0), ("max", 11.0), ("min", 1.0), ("sum", 20.0), ("count", 4.0), ("median", 3.0), ("percentile", 5.0)],
)
def test_its_value(name: str, wanted: float) -> None:
    assert across(name, VALUES, 75) == wanted


def test_sound_levels_are_added_as_energies() -> None:
    assert isclose(across("leq", [60.0, 60.0, 60.0], 50), 60.0)
    assert isclose(across("leq", [70.0, 0.0], 50), 66.99, abs_tol=0.01)
    assert across("leq", [1e9], 50) == 200.0


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=9), st.sampled_from(sorted(ACROSS)), st.randoms())
def test_no_order_matters(values: list[float], name: str, random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert repr(across(name, values, 30)) == repr(across(name, shuffled, 30))


def test_severities_of_an_area_rule() -> None:
    text = "{name: a, kind: area, metric: noise, aggregate: mean, every: 5min, across: max, below: {low: 9, less: 5}}"
    [rule], _ = parse_rules(f"rules: [{text}]", "r.yaml")
    assert isinstance(rule.spec, AreaSpec)
    assert rule.spec.severities() == ("low", "less")
