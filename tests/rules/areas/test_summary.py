"""Records of `summaries`: what is written is read again, and nothing unsound gets by."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.event import MOST_WHY, SILENT, Event, group_chunk, group_key, group_partition
from rules.areas.group import Group
from rules.areas.summary import LONGEST, MOST_EVENTS, Summary, SummaryReader, encode
from rules.frame import DAY, FrameError
from rules.identity import chunk_of

WALL = 1_764_028_800_000
KEY = group_key("smog", "0123abcd", "north")
HOME = group_partition(KEY, 4)


def summary(**changes: Any) -> Summary:
    event = Event(KEY, 0, "a", WALL, 1, "red", 61.5, 17)
    return Summary(**{"v": 1, "source": 3, "wall": WALL, "through": WALL, "events": (event,)} | changes)


def read(value: Summary) -> Summary:
    return SummaryReader(HOME, 4).read(encode(value))


def test_what_is_written_is_read_again() -> None:
    doubt = Event(KEY, -1, "a", WALL, 0, SILENT, None, -1, "too little")
    one = summary(catalogue="0a1b2c3d", serial=7, events=(doubt, Event(KEY, 2, "b", 0, 0)))
    assert read(one) == one
    assert read(summary(events=())) == summary(events=())


def test_a_record_is_readable() -> None:
    assert encode(summary(through=-1, events=(Event("r#m|x", 0, "a", 5, 0, "on", 1.5, 9),))) == (
        b'{"v":1,"source":3,"wall":1764028800000,"events":[["r#m|x",0,"a",5,0,"on",1.5,9,"",0]]}'
    )


EVENT = Event(KEY, 0, "a", WALL, 1)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("version", {"v": 2}),
        ("columns", {"source": 4}),
        ("columns", {"source": -1}),
        ("time", {"wall": -1}),
        ("time", {"wall": 1 << 43}),
        ("time", {"through": -2}),
        ("time", {"through": WALL + DAY + 1}),
        ("columns", {"serial": -1}),
        ("columns", {"serial": 1 << 53}),
        ("columns", {"catalogue": "no hash"}),
        ("size", {"events": (EVENT,) * (MOST_EVENTS + 1)}),
    ],
)
def test_an_unsound_record_is_refused(code: str, changes: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as caught:
        read(summary(**changes))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("sensor", Event("", 0, "a", WALL, 0)),
        ("sensor", Event(KEY + "x" * LONGEST, 0, "a", WALL, 0)),
        ("misrouted", Event(next(f"r|{n}" for n in range(99) if group_partition(f"r|{n}", 4) != HOME), 0, "a", 5, 0)),
        ("sensor", Event(KEY, 0, "", WALL, 0)),
        ("sensor", Event(KEY, 0, "a" * (LONGEST + 1), WALL, 0)),
        ("sensor", Event(KEY, 0, "a", WALL, 0, why="w" * (MOST_WHY + 1))),
        ("columns", Event(KEY, 64, "a", WALL, 0)),
        ("columns", Event(KEY, -65, "a", WALL, 0)),
        ("columns", Event(KEY, 0, "a", WALL, 0, "Red!")),
        ("time", Event(KEY, 0, "a", -1, 0)),
        ("time", Event(KEY, 0, "a", WALL + DAY + 1, 0)),
        ("time", Event(KEY, 0, "a", WALL, -1)),
        ("time", Event(KEY, 0, "a", WALL, 1 << 31)),
        ("time", Event(KEY, 0, "a", WALL, 0, turn=-1)),
        ("time", Event(KEY, 0, "a", WALL, 0, turn=1 << 31)),
        ("time", Event(KEY, 0, "a", WALL, 0, offset=-2)),
        ("time", Event(KEY, 0, "a", WALL, 0, offset=1 << 62)),
        ("value", Event(KEY, 0, "a", WALL, 0, value=-2e15)),
    ],
)
def test_an_unsound_event_is_refused(code: str, event: Event) -> None:
    with pytest.raises(FrameError) as caught:
        read(summary(events=(EVENT, event)))
    assert caught.value.code == code


@pytest.mark.parametrize("value", [None, b"", b"{}", b"[]", b'{"v":1}', b"\xff", b'{"v":1,"source":0,"wall":0,"x":1}'])
def test_what_is_no_summary_is_refused(value: bytes | None) -> None:
    with pytest.raises(FrameError) as caught:
        SummaryReader(0, 1).read(value)
    assert caught.value.code == "not_a_frame"


@given(st.binary(max_size=60))
def test_no_bytes_do_harm(value: bytes) -> None:
    with pytest.raises(FrameError):
        SummaryReader(0, 1).read(value)


def test_how_a_rule_judges_moves_no_group_and_a_family_lives_together() -> None:
    assert group_chunk(group_key("smog", "aa", "north")) == group_chunk(group_key("smog", "bb", "north"))
    assert group_chunk(group_key("smog", "aa", "north")) == chunk_of("smog|north")
    family = {group_chunk(group_key(name, "aa", area, "alarm")) for name in ("alarm", "b") for area in ("n", "s/t|u")}
    assert family == {chunk_of("family|alarm")}


def test_a_sensor_of_a_group_knows_its_part() -> None:
    group = Group(KEY, "flood", "a>b", ("a", "b"), roles={"upstream": ("a",), "downstream": ("b",)})
    assert [group.role(name) for name in "abc"] == ["upstream", "downstream", ""]
