from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.schedule import DELAYS, HOUR, LONGEST, MINUTE, SECOND, next_due, retry_after

NOW = 1_767_225_600_000


def test_ten_attempts_over_seventy_five_hours() -> None:
    times, now = [0], 0
    while (due := next_due(len(times), now, 0.0)) is not None:
        times.append(due)
        now = due
    assert len(times) == 10
    assert times[:4] == [0, 5 * SECOND, 5 * SECOND + 5 * MINUTE, 5 * SECOND + 35 * MINUTE]
    assert times[-1] == 75 * HOUR + 35 * MINUTE + 5 * SECOND


@given(st.integers(1, 9), st.floats(0, 1, exclude_max=True), st.one_of(st.none(), st.integers(1, 10**15)))
def test_a_wait_is_within_bounds(attempts: int, chance: float, asked: int | None) -> None:
    due = next_due(attempts, NOW, chance, asked)
    assert due is not None
    wait, planned = due - NOW, DELAYS[attempts]
    assert planned <= wait <= max(planned * 1.1, LONGEST)
    if asked is not None:
        assert wait >= min(asked, LONGEST)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("120", 120 * SECOND),
        (" 120 ", 120 * SECOND),
        ("0", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("nan", None),
        ("99999999", 99_999_999 * SECOND),
        ("9" * 5000, LONGEST),
        ("١٢", None),
        (formatdate(NOW / 1000 + 90, usegmt=True), 90 * SECOND),
        (formatdate(NOW / 1000 - 90, usegmt=True), None),
        ("Thu, 99 Xxx 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after(header: str | None, wait: int | None) -> None:
    assert retry_after(header, NOW) == wait


def test_nobody_switches_their_alerts_off_by_asking_for_a_long_wait() -> None:
    assert next_due(1, NOW, 0.0, retry_after("99999999", NOW)) == NOW + LONGEST
