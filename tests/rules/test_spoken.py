"""Numbers that stand for words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.derived.names import UNITS
from rules.derived.spoken import spoken
from rules.indices.china_tables import POLLUTANTS
from rules.indices.pollutant_code import code_of, pollutants_of


@pytest.mark.parametrize(
    ("metric", "value", "word"),
    [
        ("aqi_cn_primary", 0, "none"), ("aqi_cn_primary", 33, "SO₂, PM2.5"), ("aqi_cn_day_primary", 8, "O₃"),
        ("aqi_cn_primary", 64, ""), ("aqi_cn_primary", -1, ""),
        ("heavy_pollution", 4, "red"), ("rain_signal", 0, "none"),
        ("heat_signal", 5, ""), ("level_of_service", 1, "A"), ("level_of_service", 6, "F"), ("level_of_service", 7, ""),
        ("congestion_grade", 5, "severely congested"), ("congestion_grade", 6, ""), ("who_level", 5, "none met"),
        ("who_level", 0, "guideline met"), ("waterlogging", 2, "yellow"), ("waterlogging_soon", 1, "blue"),
        ("tpi", 4, ""),
        ("heat_signal", 2.5, ""), ("heat_signal", float("nan"), ""),
    ],
)  # fmt: skip
def test_the_word_of_a_number(metric: str, value: float, word: str) -> None:
    assert metric in UNITS
    assert spoken(metric, float(value)) == word


@given(st.sets(st.sampled_from(POLLUTANTS)))
def test_a_code_is_its_pollutants(some: set[str]) -> None:
    assert set(pollutants_of(code_of(some))) == some
    assert code_of([*some, *some]) == code_of(some)


def test_what_is_no_pollutant_and_no_code() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        code_of(["nox"])
    with pytest.raises(ValueError, match="no sum"):
        pollutants_of(64)
