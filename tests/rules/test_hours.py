"""When a rule is on: to the millisecond, over midnight, over both changes of the clock, over a leap day."""

from datetime import UTC, date, datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Calendar, Days, EveryYear
from rules.hours import LATEST, Hours
from rules.machine import FOREVER
from rules.when import When
from tests.support.oracle_scheduled import Time, times_of

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = When(between=((22 * 60, 6 * 60),))
H = 3_600_000


def ms(text: str, zone: tzinfo = BERLIN, fold: int = 0) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp() * 1000)


def hours(*when: When, zone: tzinfo = BERLIN, **calendars: Calendar) -> Hours:
    return Hours(when, zone, calendars)


def shown(found: Hours, at: int, zone: tzinfo = BERLIN) -> str:
    """The time that is on at `at` or next, as a local clock shows its ends."""
    spell = found.after(at)
    assert spell is not None
    start, end = (datetime.fromtimestamp(each / 1000, zone).strftime("%d %H:%M%z") for each in spell[:2])
    return f"{start} to {end}"


def test_edges_are_exact_to_the_millisecond() -> None:
    night = hours(NIGHT)
    begin, end = ms("2026-01-10T22:00"), ms("2026-01-11T06:00")
    assert [night.on(at) for at in (begin - 1, begin, end - 1, end)] == [False, True, True, False]
    assert night.at(begin) == (begin, end, True)
    assert night.at(end) == (end, end + 16 * H, False)
    assert night.after(end) == (begin + 24 * H, end + 24 * H, True)


def test_a_night_begins_on_its_day() -> None:
    """The night of Friday goes on until Saturday morning; the one before is Thursday's."""
    friday = hours(When(days=(4,), between=((22 * 60, 6 * 60),)))
    assert shown(friday, ms("2026-01-09T00:00")) == "09 22:00+0100 to 10 06:00+0100"
    assert not friday.on(ms("2026-01-09T05:00"))


@pytest.mark.parametrize(
    ("begin", "end", "spring", "autumn"),
    [
        # Spring: 02:00 becomes 03:00. Autumn: 03:00 becomes 02:00 again.
        (22 * 60, 6 * 60, "28 22:00+0100 to 29 06:00+0200", "24 22:00+0200 to 25 06:00+0100"),
        (60, 150, "29 01:00+0100 to 29 03:00+0200", "25 01:00+0200 to 25 02:30+0100"),
        (150, 300, "29 03:00+0200 to 29 05:00+0200", "25 02:30+0200 to 25 05:00+0100"),
        (130, 170, "30 02:10+0200 to 30 02:50+0200", "25 02:10+0200 to 25 02:50+0100"),
        (180, 240, "29 03:00+0200 to 29 04:00+0200", "25 03:00+0100 to 25 04:00+0100"),
    ],
)
def test_both_changes_of_the_clock(begin: int, end: int, spring: str, autumn: str) -> None:
    found = hours(When(between=((begin, end),)))
    assert shown(found, ms("2026-03-28T20:00") if begin > end else ms("2026-03-29T00:00")) == spring
    assert shown(found, ms("2026-10-24T20:00") if begin > end else ms("2026-10-25T00:00")) == autumn


def test_days_are_as_long_as_the_clock_makes_them() -> None:
    sundays = hours(When(days=(6,)))
    lengths = []
    for day in ("2026-03-29T12:00", "2026-06-07T12:00", "2026-10-25T12:00"):
        spell = sundays.at(ms(day))
        lengths.append((spell.end - spell.start) // H)
    assert lengths == [23, 24, 25]


def test_a_zone_whose_midnight_does_not_exist_or_comes_twice() -> None:
    """Beirut sets its clocks forward at midnight; Havana back from one o'clock to midnight."""
    beirut, havana = ZoneInfo("Asia/Beirut"), ZoneInfo("America/Havana")
    assert shown(hours(When(days=(6,)), zone=beirut), ms("2026-03-29T12:00", beirut), beirut) == (
        "29 01:00+0300 to 30 00:00+0300"
    )
    assert shown(hours(When(days=(6,)), zone=havana), ms("2026-11-01T12:00", havana), havana) == (
        "01 00:00-0400 to 02 00:00-0500"
    )


def test_what_touches_is_one_time() -> None:
    week = hours(When(days=(0, 1, 2, 3, 4)))
    assert shown(week, ms("2026-01-07T12:00")) == "05 00:00+0100 to 10 00:00+0100"
    both = hours(
        When(
            between=((480, 720), (720, 1440)),
        ),
        When(between=((600, 900),)),
    )
    assert shown(both, ms("2026-01-07T12:00")) == "07 08:00+0100 to 08 00:00+0100"
    chained = hours(NIGHT, When(between=((360, 1320),), days=(2,)))
    assert shown(chained, ms("2026-01-07T12:00")) == "06 22:00+0100 to 08 06:00+0100"
    assert chained.at(ms("2026-01-06T23:00")) == chained.at(ms("2026-01-08T05:00"))


def test_effective_dates_hold_the_first_and_the_last_day() -> None:
    summer = hours(When(first=date(2026, 6, 1), last=date(2026, 8, 31)))
    assert summer.at(ms("2026-07-01T00:00")) == (ms("2026-06-01T00:00"), ms("2026-09-01T00:00"), True)
    assert summer.at(ms("2026-09-01T00:00")) == (ms("2026-09-01T00:00"), FOREVER, False)
    assert summer.after(ms("2026-09-01T00:00")) is None
    assert summer.at(ms("2026-05-01T00:00")) == (0, ms("2026-06-01T00:00"), False)
    for first, last in ((date(2026, 6, 1), None), (None, date(2026, 6, 1))):
        half = hours(When(first=first, last=last))
        assert half.on(ms("2026-07-01T00:00")) is (last is None)
    nights = hours(When(first=date(2026, 6, 1), last=date(2026, 6, 2), between=((1320, 360),)))
    assert not nights.on(ms("2026-06-01T05:00"))
    assert nights.on(ms("2026-06-03T05:00")), "the last night goes on until its morning"
    assert nights.after(ms("2026-06-03T06:00")) is None
    assert nights.at(ms("2028-01-01T00:00")) == (ms("2026-06-03T06:00"), FOREVER, False)


def test_a_leap_day_is_a_day() -> None:
    leap = Calendar("leap", within=(Days(date(2028, 2, 29), date(2028, 2, 29)),))
    found = hours(When(calendars=("leap",)), leap=leap)
    assert shown(found, ms("2028-02-01T00:00")) == "29 00:00+0100 to 01 00:00+0100"
    assert found.after(ms("2028-03-01T00:00")) is None


def test_a_calendar_that_nobody_knows_has_no_day() -> None:
    assert hours(When(calendars=("x",))).at(ms("2026-01-01T00:00")) == (0, FOREVER, False)


def test_what_does_not_change_is_looked_at_ten_years_at_a_time() -> None:
    every_day = hours(When(days=tuple(range(7))))
    for year in (1970, 1990, 2026, 2200):
        spell = every_day.at(ms(f"{year}-03-01T00:00"))
        assert spell.on
        assert spell.end - ms(f"{year}-03-01T00:00") > 9 * 365 * 24 * H


def test_days_that_are_decades_away_are_found() -> None:
    """29 February is a Monday every 28 years; and whoever asks of 1970 first asks of 2026 as well."""
    leap = Calendar("leap", within=(EveryYear((2, 29), (2, 29)),))
    mondays = hours(When(calendars=("leap",), days=(0,)), leap=leap)
    assert not mondays.on(0)
    assert shown(mondays, ms("2025-01-01T00:00")) == "29 00:00+0100 to 01 00:00+0100"
    assert [mondays.on(ms(f"{year}-02-29T12:00")) for year in (1988, 2016, 2024, 2044)] == [True, True, False, True]
    assert mondays.after(ms("2513-01-01T00:00")) is None, "the next one is beyond all that is asked of"
    term = Calendar("term", within=(Days(date(2025, 1, 7), date(2025, 7, 1)), Days(date(2026, 1, 7), date(2026, 7, 1))))
    found = hours(When(calendars=("term",), between=((480, 540),)), term=term)
    assert found.at(0).end == ms("2025-01-07T08:00")
    assert found.on(ms("2026-01-07T08:00"))
    assert found.on(ms("2025-07-01T08:59"))
    assert found.at(ms("2060-01-01T00:00")) == (ms("2026-07-01T09:00"), FOREVER, False)
    always = hours(When(calendars=("term",)), When(first=date(2040, 1, 1), last=date(2040, 1, 2)), term=term)
    assert always.at(ms("2039-01-01T00:00")) == (ms("2026-07-02T00:00"), ms("2040-01-01T00:00"), False)
    assert always.at(ms("2060-01-01T00:00")) == (ms("2040-01-03T00:00"), FOREVER, False)
    assert always.at(0)[:2] == (0, ms("2025-01-07T00:00"))


def test_no_time_is_too_early_or_too_late_to_ask_about() -> None:
    night = hours(NIGHT, zone=UTC)
    assert night.at(-1) == night.at(0) == (0, 6 * H, True)
    assert night.at(LATEST) == night.at(FOREVER) == (LATEST, FOREVER, False)
    assert night.after(FOREVER) is None
    end = night.at(LATEST - 1).end
    assert end >= LATEST
    assert hours(When(days=(0,)), zone=UTC).at(3 * 24 * H)[:2] == (0, 4 * 24 * H)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.hours.MOST_KNOWN", 5)
    night = hours(NIGHT)
    assert [night.on(ms("2026-01-10T23:00") + day * 24 * H) for day in range(40)] == [True] * 40
    assert night.on(ms("2026-01-10T23:00"))


whens = st.builds(
    When,
    days=st.sampled_from([(), (0,), (1, 2), (5, 6)]),
    between=st.sampled_from([(), ((1320, 360),), ((0, 60),), ((540, 1440),), ((60, 30),), ((600, 700), (650, 800))]),
    first=st.sampled_from([None, date(2026, 1, 6)]),
    last=st.sampled_from([None, date(2026, 1, 9)]),
)


@given(st.lists(whens, min_size=1, max_size=3), st.integers(0, 6 * 24 * 60), st.sampled_from([0, 1, -1]))
@settings(max_examples=60, deadline=None)
def test_it_says_what_a_clock_on_the_wall_says(when: list[When], minute: int, beside: int) -> None:
    zone = timezone(datetime(2026, 1, 1, tzinfo=BERLIN).utcoffset() or UTC.utcoffset(None))
    start = ms("2026-01-03T00:00")
    times = times_of(tuple(when), start, start + 10 * 24 * H, zone)
    found = Hours(when, zone, {})
    at = start + 24 * H + minute * 60_000 + beside
    expected = next((time for time in times if time.start <= at < time.end), None)
    spell = found.at(at)
    assert spell.on is (expected is not None)
    assert spell.start <= at < spell.end
    if expected is not None and expected.start > start and expected.end < start + 10 * 24 * H:
        assert Time(*spell[:2]) == expected
