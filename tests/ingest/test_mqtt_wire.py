"""Our own reading of PUBLISH packets: any cut of the stream, packets of others, too large, broken."""

import random
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mqtt_wire import KEPT, LARGEST, Wire
from tests.support.mqtt_peer import length, publish_packet

Message = tuple[bytes, bytes, int, int]


class Pipe:
    """A Wire on one end of a socket pair; `feed` writes to the other and lets the wire read."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        ours, self.theirs = socket.socketpair()
        ours.setblocking(False)
        self.wire = Wire(ours, lambda *message: self.got.append(message))

    def feed(self, data: bytes, step: int = 65_536) -> None:
        for at in range(0, len(data), step):
            self.theirs.sendall(data[at : at + step])
            self.wire.fill()
        self.wire.fill()

    def others(self) -> bytes:
        out = b""
        while True:
            try:
                out += self.wire.recv(7)
            except BlockingIOError:
                return out

    def close(self) -> None:
        self.wire.close()
        self.theirs.close()


@pytest.fixture
def pipe() -> "Pipe":
    return Pipe()


MESSAGES = st.lists(
    st.tuples(
        st.binary(min_size=1, max_size=12),
        st.binary(max_size=300),
        st.integers(0, 1),
        st.integers(1, 65_535),
        st.sampled_from([b"", b"\x01\x01", b"\x26\x00\x01a\x00\x40" + b"v" * 64, b"\x09\x00\xa0" + b"c" * 160]),
    ),
    max_size=8,
)
PINGRESP, SUBACK = b"\xd0\x00", b"\x90\x04\x00\x01\x00\x01"


@settings(max_examples=100, deadline=None)
@given(MESSAGES, st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_any_cut_of_the_stream_gives_the_same_messages(
    messages: list[tuple[bytes, bytes, int, int, bytes]], cuts: list[int]
) -> None:
    pipe, stream, want = Pipe(), SUBACK, []
    for topic, payload, qos, mid, properties in messages:
        stream += publish_packet(topic, payload, mid, qos, properties) + PINGRESP
        want.append((topic, payload, qos, mid if qos else 0))
    at = 0
    while at < len(stream):
        step = cuts[at % len(cuts)]
        pipe.feed(stream[at : at + step])
        at += step
    assert pipe.got == want
    assert pipe.others() == SUBACK + PINGRESP * len(messages)
    assert not pipe.wire.ended
    pipe.close()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_end_the_connection_at_most(data: bytes) -> None:
    pipe = Pipe()
    pipe.feed(data)
    pipe.others() if not pipe.wire.ended else None
    pipe.close()


@pytest.mark.parametrize("size", [LARGEST + 1, LARGEST * 3 + 7])
@pytest.mark.parametrize("properties", [0, LARGEST])
def test_of_a_packet_beyond_all_bounds_the_beginning_is_kept_and_the_next_is_read(
    pipe: Pipe, size: int, properties: int
) -> None:
    user_properties = (b"\x26\x00\x01a\xff\xff" + b"v" * 65_535) * (properties // 65_541)
    stream = publish_packet(b"city/a", bytes(size), 77, properties=user_properties) + publish_packet(b"next", b"1", 78)
    pipe.feed(stream)
    assert [(topic, qos, mid) for topic, _, qos, mid in pipe.got] == [(b"city/a", 1, 77), (b"next", 1, 78)]
    assert len(pipe.got[0][1]) == KEPT
    assert pipe.got[1][1] == b"1"
    pipe.close()


@pytest.mark.parametrize(
    "broken",
    [
        b"\x34" + publish_packet(b"a", b"b", 1)[1:],  # QoS 2
        b"\x32\x00",
        b"\x32\x02\x00\x09",
        b"\x32\x05\x00\x01a\x00\x01",
        b"\x32\x06\x00\x01a\x00\x01\x7f",
        b"\x32\xff\xff\xff\xff\xff",
        b"\xd0\x80\x80\x80\x80\x01",
    ],
)
def test_what_is_not_mqtt_ends_the_connection(pipe: Pipe, broken: bytes) -> None:
    pipe.feed(publish_packet(b"a", b"b", 1) + broken)
    assert pipe.got == [(b"a", b"b", 1, 1)]
    assert pipe.wire.ended and pipe.wire.recv(1) == b""
    pipe.close()


def test_acknowledgements_and_the_packets_of_paho_leave_in_order(pipe: Pipe) -> None:
    pipe.wire.send(b"\xc0\x00")
    pipe.wire.acknowledge([1, 65_535])
    assert pipe.wire.unsent
    pipe.wire.flush()
    assert pipe.theirs.recv(100) == b"\xc0\x00" + b"\x40\x02\x00\x01" + b"\x40\x02\xff\xff"
    assert not pipe.wire.unsent
    pipe.close()


def test_what_the_socket_does_not_take_waits(pipe: Pipe) -> None:
    mids = [random.Random(1).randrange(1, 65_536) for _ in range(80_000)]
    pipe.wire.acknowledge(mids)
    got = b""
    pipe.wire.flush()
    assert pipe.wire.unsent
    while len(got) < 4 * len(mids):
        got += pipe.theirs.recv(1 << 16)
        pipe.wire.flush()
    assert not pipe.wire.unsent
    assert [got[at + 2] << 8 | got[at + 3] for at in range(0, len(got), 4)] == mids
    pipe.close()


def test_the_end_of_the_connection(pipe: Pipe) -> None:
    pipe.theirs.close()
    pipe.wire.fill()
    assert pipe.wire.ended and pipe.wire.for_paho
    pipe.wire.close()


def test_writing_to_a_closed_connection_ends_it_too(pipe: Pipe) -> None:
    pipe.theirs.close()
    pipe.wire.acknowledge([1])
    pipe.wire.flush()
    assert pipe.wire.ended
    pipe.wire.flush()
    pipe.wire.close()


def test_paho_may_ask_for_a_little_at_a_time(pipe: Pipe) -> None:
    pipe.feed(SUBACK)
    assert pipe.wire.recv(1) + pipe.wire.recv(100) == SUBACK
    with pytest.raises(BlockingIOError):
        pipe.wire.recv(1)
    pipe.close()


def test_lengths_of_our_own_test_peer() -> None:
    assert [length(size).hex() for size in (0, 127, 128, 16_383, 16_384)] == ["00", "7f", "8001", "ff7f", "808001"]
