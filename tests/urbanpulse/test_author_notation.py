"""The few words in which tests of rules write times and values."""

from datetime import UTC, datetime

import pytest

from tests.support.authors import MIN
from urbanpulse.authors.notation import instant, midnight, spread

NEW_YEAR = 1_767_225_600_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("12:30", datetime(2026, 1, 1, 12, 30, tzinfo=UTC)),
        ("23:59:59.5", datetime(2026, 1, 1, 23, 59, 59, 500_000, tzinfo=UTC)),
        ("+1d 06:00", datetime(2026, 1, 2, 6, tzinfo=UTC)),
        ("2026-03-29T02:30:00+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_times(text: str, moment: datetime) -> None:
    assert instant(text, midnight("2026-01-01")) == round(moment.timestamp() * 1000)


@pytest.mark.parametrize("text", ["24:00", "12:60", "12:00:61", "noon", "12", "2026-01-20T12:00", "+1d", "-1d 06:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|lacks its offset"):
        instant(text, 0)


def test_dates() -> None:
    assert midnight("2026-01-01") == NEW_YEAR
    for text in ("2026-02-30", "01.02.2026", "today"):
        with pytest.raises(ValueError, match="is no date"):
            midnight(text)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("80", [(0, 80.0)]),
        ("-4.5", [(0, -4.5)]),
        ("80 every 1min for 3min", [(0, 80.0), (MIN, 80.0), (2 * MIN, 80.0)]),
        ("80 every 2min for 3min", [(0, 80.0), (2 * MIN, 80.0)]),
        ("80  every 1min   for 1min", [(0, 80.0)]),
        ("10 to 20 every 1min for 3min", [(0, 10.0), (MIN, 15.0), (2 * MIN, 20.0)]),
        ("1 to 0 every 1s for 3s", [(0, 1.0), (1000, 0.5), (2000, 0.0)]),
    ],
)
def test_values(text: str, readings: list[tuple[int, float]]) -> None:
    assert spread(text) == readings


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("eighty", "is no value"),
        ("80 every 1min", "is no value"),
        ("nan", "is no value"),
        ("10 to 20", "a ramp needs its readings"),
        ("10 to 20 every 1min for 1min", "a ramp of one reading"),
        ("80 every 1 for 3min", "is not a length of time"),
        ("80 every 5min for 3min", "is not one reading"),
        ("80 every 0s for 3min", "is not one reading"),
        ("80 every 1ms for 1d", "86400000 readings, 100000 at most"),
    ],
)
def test_what_is_no_value(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        spread(text)
