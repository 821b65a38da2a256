"""Exact decimals: what an instrument prints, and the ways in which standards round."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices.exact import amount, exact, half_up, truncated, units

decimals = st.decimals(0, 10_000, places=3)


@pytest.mark.parametrize("value", [2.2, Decimal("2.2"), Fraction(11, 5)])
def test_a_number_is_what_it_prints_as(value: float | Decimal | Fraction) -> None:
    assert exact(value) == Fraction(11, 5)


def test_numpy_numbers_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert exact(numpy.float64(65.4)) == Fraction(327, 5)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_nothing_that_is_no_number(value: float | Decimal) -> None:
    with pytest.raises(ValueError, match="no measurement"):
        exact(value)


def test_a_truth_value_is_no_measurement() -> None:
    with pytest.raises(TypeError):
        exact(True)


def test_an_amount_is_not_negative() -> None:
    assert amount(0) == 0
    with pytest.raises(ValueError, match="less than nothing"):
        amount(-0.1)


@pytest.mark.parametrize(
    ("value", "decimals", "even", "up"),
    [("0.5", 0, 0, 1), ("1.5", 0, 2, 2), ("2.5", 0, 2, 3), ("2.45", 1, 24, 25), ("2.451", 1, 25, 25), ("2.4", 0, 2, 2)],
)
def test_ties(value: str, decimals: int, even: int, up: int) -> None:
    assert units(Fraction(value), decimals) == even
    assert units(Fraction(value), decimals, "up") == up


@settings(deadline=None)
@given(decimals, st.integers(0, 2))
def test_rounding_and_cutting_stay_near(value: Decimal, places: int) -> None:
    one, unit = Fraction(value), Fraction(1, 10**places)
    assert units(one, places) == round(one / unit)
    assert abs(units(one, places, "up") * unit - one) <= unit / 2
    assert 0 <= one - truncated(one, places) < unit
    assert -Fraction(1, 2) < half_up(one) - one <= Fraction(1, 2)
