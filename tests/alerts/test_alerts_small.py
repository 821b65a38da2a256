"""The small parts: the histogram, the sparing log, plain text."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.histogram import Histogram
from alerts.plain import plain
from alerts.sparing import EVERY_SECONDS, Sparing, SparingHandler


@given(st.lists(st.floats(1, 10**8), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_at_most_five_per_cent_high(times: list[float], share: float) -> None:
    histogram = Histogram()
    for each in times:
        histogram.add(each)
    ordered = sorted(times)
    exact = ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
    got = histogram.quantile(share)
    assert got is not None
    assert exact - 0.06 <= got <= exact * 1.05 + 0.06


def test_no_times_have_no_quantile() -> None:
    assert Histogram().summary() == {"p50": None, "p99": None}
    histogram = Histogram()
    histogram.add(-5)
    assert histogram.summary() == {"p50": 1.0, "p99": 1.0}


def test_a_sparing_log_speaks_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    sparing = Sparing(logging.getLogger("alerts.test"), lambda: now[0])
    for _ in range(5):
        sparing.warning("kafka", "away")
    sparing.warning("database", "away too")
    now[0] = EVERY_SECONDS
    sparing.warning("kafka", "away")
    assert [record.getMessage() for record in caplog.records] == ["away", "away too", "away (4 more like it)"]


def test_a_chatty_library_is_heard_once(caplog: pytest.LogCaptureFixture) -> None:
    chatty = logging.getLogger("alerts.test.chatty")
    chatty.propagate = False
    chatty.addHandler(SparingHandler(logging.getLogger("alerts.test")))
    for attempt in range(10):
        chatty.warning("cannot connect, attempt %d", attempt)
    assert [record.getMessage() for record in caplog.records] == ["alerts.test.chatty: cannot connect, attempt 0"]


@given(st.text())
def test_plain_text_is_printable_and_bounded(text: str) -> None:
    assert plain(text, 50).isprintable()
    if text.isprintable() and len(text) <= 50:
        assert plain(text, 50) == text
