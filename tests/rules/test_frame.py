"""Frames: what is sound and what is refused, whatever the bytes."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.frame import CODES, DAY, MAX_READINGS, Columns, Frame, FrameError, FrameReader, encode, switch
from rules.identity import partition_of

T = 1_700_000_000_000
GOOD = Frame(1, T, T + 20, {"pm25": Columns(["a", "b"], [0, -5], [1.5, -0.0]), "no2": Columns(["a"], [7], [3.0])})


def test_a_frame_comes_back_as_it_went() -> None:
    reader = FrameReader(0, 1)
    for _ in range(2):
        assert reader.read(encode(GOOD)) == GOOD
    assert GOOD.readings() == 3


def test_a_frame_is_plain_json() -> None:
    assert encode(Frame(1, T, T, {"pm25": Columns(["a"], [0], [1.5])})) == (
        b'{"v":1,"t":1700000000000,"wall":1700000000000,"metric":{"pm25":{"sensor":["a"],"ts":[0],"value":[1.5]}}}'
    )


def test_a_tick_and_an_empty_frame_are_frames() -> None:
    reader = FrameReader(0, 1)
    for each in (Frame(1, T, T, tick="bridge-1"), Frame(1, T, T), Frame(1, T, T, {"pm25": Columns([], [], [])})):
        assert reader.read(encode(each)) == each


def test_a_switch_is_a_frame_without_readings() -> None:
    one = switch("0123456789abcdef" * 2, 7, T)
    assert encode(one) == (
        b'{"v":1,"t":1700000000000,"wall":1700000000000,"catalogue":"0123456789abcdef0123456789abcdef","serial":7}'
    )
    assert FrameReader(0, 1).read(encode(one)) == one
    assert one.readings() == 0


def test_any_producer_may_write_whole_numbers_as_values() -> None:
    frame = FrameReader(0, 1).read(b'{"v":1,"t":5,"wall":5,"metric":{"pm25":{"sensor":["a"],"ts":[0],"value":[7]}}}')
    assert frame.metric["pm25"].value == [7.0]


def one(sensor: str = "a", ts: int = 0, value: float = 1.0, metric: str = "pm25") -> dict[str, object]:
    return {"v": 1, "t": T, "wall": T, "metric": {metric: {"sensor": [sensor], "ts": [ts], "value": [value]}}}


MANY = {"sensor": "a", "ts": 0, "value": 1.0}


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (None, "not_a_frame"),
        (b"", "not_a_frame"),
        (b"\xff", "not_a_frame"),
        (b"[]", "not_a_frame"),
        (b"[" * 100_000, "not_a_frame"),
        (b'{"v":1,"t":1,"wall":1,"metric":{"pm25":{"sensor":["a"],"ts":[0],"value":[1e999]}}}', "not_a_frame"),
        (b'{"v":1,"t":1,"wall":1,"metric":{"pm25":{"sensor":["a"],"ts":[0],"value":[NaN]}}}', "not_a_frame"),
        (b'{"v":1,"t":1,"wall":1,"metric":{"pm25":{"sensor":["\\ud800"],"ts":[0],"value":[1]}}}', "not_a_frame"),
        (one() | {"extra": 1}, "not_a_frame"),
        (one() | {"t": "now"}, "not_a_frame"),
        ({"v": 1}, "not_a_frame"),
        ({"v": 1, "t": 1, "wall": 1, "catalogue": "00ff00ff"}, "columns"),
        ({"v": 1, "t": 1, "wall": 1, "catalogue": "00ff00ff", "serial": -1}, "columns"),
        ({"v": 1, "t": 1, "wall": 1, "catalogue": "00ff00ff", "serial": 1 << 53}, "columns"),
        ({"v": 1, "t": 1, "wall": 1, "serial": 1}, "columns"),
        ({"v": 1, "t": 1, "wall": 1, "catalogue": "../rules", "serial": 1}, "columns"),
        ({"v": 1, "t": 1, "wall": 1, "catalogue": "00ff00ff", "serial": 1, "tick": "b"}, "columns"),
        (one() | {"catalogue": "00ff00ff", "serial": 1}, "columns"),
        (one() | {"v": 2}, "version"),
        (one() | {"t": -1}, "time"),
        (one() | {"t": T + DAY + 1}, "time"),
        (one() | {"wall": -1, "t": 0}, "time"),
        (one() | {"wall": 1 << 43}, "time"),
        (one(ts=DAY + 1), "time"),
        (one(ts=-T - 1), "time"),
        (one(ts=10**30), "time"),
        (one() | {"tick": "bridge-1"}, "columns"),
        ({"v": 1, "t": T, "wall": T, "tick": "a b"}, "columns"),
        ({"v": 1, "t": T, "wall": T, "metric": {"pm25": {"sensor": ["a"], "ts": [0, 1], "value": [1]}}}, "columns"),
        ({"v": 1, "t": T, "wall": T, "metric": {"pm25": {"sensor": [], "ts": [], "value": [1]}}}, "columns"),
        (one(metric="PM25"), "metric"),
        (one(metric=""), "metric"),
        (one(sensor="a b"), "sensor"),
        (one(sensor=""), "sensor"),
        (one(value=1.1e12), "value"),
        (one(value=-1e300), "value"),
        (
            {"v": 1, "t": T, "wall": T, "metric": {"pm25": {name: [each] * 20_001 for name, each in MANY.items()}}},
            "size",
        ),
    ],
)  # fmt: skip
def test_what_is_no_sound_frame_is_refused_whole(record: bytes | dict[str, object] | None, code: str) -> None:
    value = msgspec.json.encode(record) if isinstance(record, dict) else record
    with pytest.raises(FrameError) as refused:
        FrameReader(0, 1).read(value)
    assert refused.value.code == code
    assert code in CODES
    assert len(str(refused.value)) < 300


def test_the_greatest_frame_is_a_frame() -> None:
    columns = Columns(["a"] * MAX_READINGS, list(range(MAX_READINGS)), [1e12] * MAX_READINGS)
    assert FrameReader(0, 1).read(encode(Frame(1, T, T, {"pm25": columns}))).readings() == MAX_READINGS


def test_a_sensor_in_a_partition_that_is_not_its_own_is_misrouted() -> None:
    home = partition_of("a", 4)
    value = msgspec.json.encode(one("a"))
    assert FrameReader(home, 4).read(value).readings() == 1
    with pytest.raises(FrameError, match=f"misrouted: a in partition {(home + 1) % 4}, belongs in {home}"):
        FrameReader((home + 1) % 4, 4).read(value)


@given(
    st.binary(max_size=60) | st.text(st.sampled_from('{}[]":,0123456789-e.vtwalmetric'), max_size=60).map(str.encode)
)
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise_anything_else(value: bytes) -> None:
    try:
        FrameReader(0, 1).read(value)
    except FrameError as refused:
        assert refused.code in CODES
