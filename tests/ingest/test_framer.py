"""Readings to frames, and which messages are safe when."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.framer import FULL, Framer
from ingest.pending import Line, Tick
from ingest.reading import Reading
from rules.frame import FrameReader
from rules.identity import partition_of
from tests.support.log_reader import readings_of

WALL = 1_790_000_000_000
SENSORS = [f"s-{number}" for number in range(12)]


class Delivery:
    """Durable when the test says so."""

    def __init__(self) -> None:
        self.arrived = False

    def done(self) -> bool:
        return self.arrived


class Log:
    def __init__(self, partitions: int) -> None:
        self.partitions, self.line = partitions, Line()
        self.sent: list[tuple[int, bytes, Delivery]] = []
        self.framer = Framer(partitions, self.line, self.send)

    def send(self, partition: int, packed: bytes) -> Delivery:
        delivery = Delivery()
        self.sent.append((partition, packed, delivery))
        return delivery

    def readings(self) -> list[tuple[str, str, int, float]]:
        readers = [FrameReader(partition, self.partitions) for partition in range(self.partitions)]
        return [one for partition, packed, _ in self.sent for one in readings_of(readers[partition].read(packed))]


def test_a_frame_holds_what_was_added_and_the_wall_time_of_the_first() -> None:
    log = Log(1)
    log.framer.add([Reading("a", "pm25", WALL - 5, 1.5), Reading("a", "no2", WALL - 5, 2.0)], 0, WALL, 10.0)
    log.framer.add([Reading("b", "pm25", WALL - 90, 3.0)], 1, WALL + 40, 10.04)
    assert log.framer.opened_at == 10.0
    assert not log.sent and len(log.line) == 1
    log.framer.close_all()
    assert log.framer.opened_at is None
    [(_, packed, _)] = log.sent
    frame = FrameReader(0, 1).read(packed)
    assert frame.wall == WALL and not frame.tick
    assert sorted(readings_of(frame)) == [
        ("a", "no2", WALL - 5, 2.0), ("a", "pm25", WALL - 5, 1.5), ("b", "pm25", WALL - 90, 3.0),
    ]  # fmt: skip


def test_a_frame_closes_when_it_is_full_also_within_a_message() -> None:
    log = Log(1)
    log.framer.add([Reading("a", "pm25", WALL + n, float(n)) for n in range(FULL + 10)], 0, WALL, 0.0)
    assert len(log.sent) == 1 and len(log.line) == 2
    log.framer.close_all()
    assert [value for *_, value in log.readings()] == [float(n) for n in range(FULL + 10)]
    log.sent[0][2].arrived = True
    assert log.line.settle(1) == 0  # the rest of the message is not there yet
    log.sent[1][2].arrived = True
    assert log.line.settle(1) == 1


def test_closing_nothing_sends_nothing() -> None:
    log = Log(4)
    log.framer.close_all()
    assert not log.sent


def test_a_tick_is_written_only_when_all_before_it_is_durable() -> None:
    log, written = Log(2), []

    def write() -> list[Delivery]:
        written.extend([Delivery(), Delivery()])
        return written

    log.framer.add([Reading("s-0", "pm25", WALL, 1.0)], 0, WALL, 0.0)
    log.framer.close_all()
    log.line.append(Tick(1, write))
    assert log.line.settle(2) == 0 and not written
    log.sent[0][2].arrived = True
    assert log.line.settle(2) == 1 and len(written) == 2
    written[1].arrived = True
    assert log.line.settle(2) == 1
    written[0].arrived = True
    assert log.line.settle(2) == 2 and len(written) == 2


STEPS = st.lists(
    st.one_of(
        st.lists(st.integers(0, len(SENSORS) - 1), min_size=1, max_size=5),  # a message: its sensors
        st.just("close"),
        st.tuples(st.just("arrive"), st.integers(0, 30)),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS, st.integers(1, 5))
def test_a_message_is_safe_exactly_when_it_and_all_before_it_are_durable(steps: list[object], partitions: int) -> None:
    log = Log(partitions)
    messages: list[list[tuple[str, int]]] = []
    for step in steps:
        if step == "close":
            log.framer.close_all()
        elif isinstance(step, tuple):
            if step[1] < len(log.sent):
                log.sent[step[1]][2].arrived = True
        else:
            assert isinstance(step, list)
            at = WALL + len(messages)
            log.framer.add([Reading(SENSORS[n], "pm25", at, 1.0) for n in step], len(messages), WALL, 0.0)
            messages.append([(SENSORS[n], at) for n in step])
        safe = log.line.settle(len(messages))
        durable = {
            (sensor, ts)
            for partition, packed, delivery in log.sent
            if delivery.arrived
            for sensor, _, ts, _ in readings_of(FrameReader(partition, partitions).read(packed))
        }
        for message in messages[:safe]:
            assert durable.issuperset(message)
    log.framer.close_all()
    for *_, delivery in log.sent:
        delivery.arrived = True
    assert log.line.settle(len(messages)) == len(messages) and not len(log.line)
    assert sorted((sensor, ts) for sensor, _, ts, _ in log.readings()) == sorted(
        one for message in messages for one in message
    )
    for partition, packed, _ in log.sent:
        for sensor, *_ in readings_of(FrameReader(partition, partitions).read(packed)):
            assert partition_of(sensor, partitions) == partition
