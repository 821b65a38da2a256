import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from alerts.alert import (
    TABLE,
    Acknowledgement,
    Alert,
    AlreadyResolvedError,
    State,
    Why,
    acknowledge,
    joined,
    take,
)
from rules.finding import Change, Course, Finding
from tests.support.alert_findings import finding

LI = Acknowledgement("li", 5, "on my way")


def alert_in(state: State) -> Alert:
    """An alert at revision 3."""
    return Alert("environment", finding(3), state, LI if state is State.ACKNOWLEDGED else None)


@pytest.mark.parametrize(
    ("before", "change", "severity", "after", "why"),
    [
        (None, "fired", "red", State.OPEN, Why.OPENED),
        (None, "changed", "red", State.OPEN, Why.OPENED),
        (None, "cleared", "", State.RESOLVED, Why.RESOLVED),
        (None, "undecided", "red", State.OPEN, Why.OPENED),
        (None, "undecided", "", None, Why.NO_ALERT),
        (State.OPEN, "fired", "red", State.OPEN, Why.UPDATED),
        (State.OPEN, "changed", "yellow", State.OPEN, Why.UPDATED),
        (State.OPEN, "cleared", "", State.RESOLVED, Why.RESOLVED),
        (State.OPEN, "undecided", "red", State.OPEN, Why.UPDATED),
        (State.OPEN, "undecided", "", State.OPEN, Why.UPDATED),
        (State.ACKNOWLEDGED, "fired", "red", State.ACKNOWLEDGED, Why.UPDATED),
        (State.ACKNOWLEDGED, "changed", "yellow", State.ACKNOWLEDGED, Why.UPDATED),
        (State.ACKNOWLEDGED, "cleared", "", State.RESOLVED, Why.RESOLVED),
        (State.ACKNOWLEDGED, "undecided", "", State.ACKNOWLEDGED, Why.UPDATED),
        (State.ACKNOWLEDGED, "undecided", "red", State.ACKNOWLEDGED, Why.UPDATED),
        (State.RESOLVED, "fired", "red", State.OPEN, Why.REOPENED),
        (State.RESOLVED, "changed", "red", State.OPEN, Why.REOPENED),
        (State.RESOLVED, "cleared", "", State.RESOLVED, Why.RESOLVED),
        (State.RESOLVED, "undecided", "", State.RESOLVED, Why.RESOLVED),
    ],
)
def test_the_table(before: State | None, change: Change, severity: str, after: State | None, why: Why) -> None:
    alert = alert_in(before) if before else None
    told = finding(4, change, severity)
    got, reason = take(alert, told, "environment")
    assert (got.state if got else None, reason) == (after, why)
    if got is not None:
        assert got.finding is told


def test_who_joins_an_episode_is_told_of_it_as_new() -> None:
    late, _ = take(None, finding(3, "changed", "red", "yellow"), "fire")
    assert late is not None
    first = joined(late)
    assert (first.finding.change, first.finding.was, first.finding.severity) == ("fired", "", "red")
    assert first.id == late.id
    assert late.finding.change == "changed", "the greatest revision is kept as it is"
    course = Course(1, ((1, "yellow"),))
    amended = structs.replace(finding(3, "amended", "red", "yellow"), before=course, after=course)
    fresh, _ = take(None, amended, "fire")
    assert fresh is not None
    told = joined(fresh).finding
    assert (told.change, told.was, told.before, told.after) == ("fired", "", None, None), (
        "it never heard the other story"
    )
    known = alert_in(State.OPEN)
    assert joined(known) is known


def test_the_table_is_whole() -> None:
    assert set(TABLE) == {(state, signal) for state in (None, *State) for signal in ("on", "off", "unknown")}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("revision", [1, 3])
def test_a_revision_already_seen_changes_nothing(state: State, revision: int) -> None:
    alert = alert_in(state)
    assert take(alert, finding(revision, "cleared"), "environment") == (alert, Why.ALREADY_SEEN)


def test_acknowledging() -> None:
    taken = acknowledge(alert_in(State.OPEN), LI)
    assert (taken.state, taken.acknowledged) == (State.ACKNOWLEDGED, LI)
    assert acknowledge(taken, Acknowledgement("wang", 9)) is taken
    with pytest.raises(AlreadyResolvedError, match="is resolved"):
        acknowledge(alert_in(State.RESOLVED), LI)


def test_who_acknowledged_is_kept_when_it_clears_and_dropped_when_it_comes_back() -> None:
    resolved, _ = take(alert_in(State.ACKNOWLEDGED), finding(4, "cleared"), "environment")
    assert resolved is not None
    assert resolved.acknowledged == LI
    again, _ = take(resolved, finding(5, "fired"), "environment")
    assert again is not None
    assert (again.state, again.acknowledged) == (State.OPEN, None)


def test_each_department_has_an_alert_of_its_own() -> None:
    ids = [take(None, finding(1), name)[0].id for name in ("environment", "health")]  # type: ignore[union-attr]
    assert len(set(ids)) == 2


changes = st.tuples(st.sampled_from(["fired", "changed", "cleared", "undecided"]), st.sampled_from(["red", "yellow"]))


@given(st.lists(changes, min_size=1, max_size=6), st.data())
def test_any_order_and_repetition_ends_the_same(episode: list[tuple[Change, str]], data: st.DataObject) -> None:
    findings = [finding(number, change, severity) for number, (change, severity) in enumerate(episode, start=1)]
    repeats = data.draw(st.lists(st.sampled_from(findings), max_size=6))
    arrived = data.draw(st.permutations([*findings, *repeats]))

    def end(told: list[Finding]) -> Alert | None:
        alert = None
        for each in told:
            alert, _ = take(alert, each, "environment")
        return alert

    assert end(arrived) == end(findings)
