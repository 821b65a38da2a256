"""The bridge between servers: readings, refusals, ticks, both clocks. The same tests on the embedded servers and, when
connected, on Mosquitto with passwords and an ACL and on Apache Kafka.

On the embedded broker one filter brings everything, as in the embedded city: rumqttd keeps no order between two.
"""

import json
import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from ingest.bridge import Bridge
from ingest.settings import IngestSettings, MqttSettings
from rules.frame import Frame
from rules.identity import partition_of, refusal_id
from rules.secret import Secret
from tests.support import embedded, servers
from tests.support.ingest_city import small_city
from tests.support.log_reader import FrameLog, LogReader, Record, create_topics, readings_of

PARTITIONS = 4
CITY = small_city()
NUMBERS = count(1)


Servers = tuple[embedded.Mqtt | servers.Mosquitto, embedded.Kafka | servers.Kafka]


@pytest.fixture(scope="module", params=["embedded", pytest.param("real", marks=pytest.mark.connected)])
def both(request: pytest.FixtureRequest) -> Iterator[Servers]:
    started: list[embedded.Mqtt | servers.Mosquitto | embedded.Kafka | servers.Kafka] = []
    makers = [embedded.Mqtt, embedded.Kafka] if request.param == "embedded" else [servers.Mosquitto, servers.Kafka]
    try:
        for make in makers:
            started.append(make())
            started[-1].start()
        yield tuple(started)  # type: ignore[misc]
    except servers.UnavailableError as error:
        pytest.skip(str(error))
    finally:
        for one in started:
            one.remove()


def publisher(both: Servers, name: str) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5)
    if isinstance(both[0], servers.Mosquitto):
        client.username_pw_set("simulator", servers.Mosquitto.PASSWORD)
    client.connect("127.0.0.1", both[0].port)
    client.loop_start()
    return client


class Running:
    """A bridge in a thread, on topics of its own, and a publisher beside it."""

    def __init__(self, both: Servers, name: str, **settings: object) -> None:
        mqtt, kafka = both
        self.name, self.reports = name, []  # type: ignore[var-annotated]
        self.topics = {"topic": f"readings-{name}", "refused": f"refused-{name}"}
        create_topics(kafka.address, {self.topics["topic"]: PARTITIONS, self.topics["refused"]: 1})
        if isinstance(mqtt, servers.Mosquitto):
            given = MqttSettings(port=mqtt.port, username="bridge", password=Secret(mqtt.PASSWORD))
            settings = {"filter": "city/#", **settings}
        else:
            given = MqttSettings(port=mqtt.port, receive_maximum=mqtt.receive_maximum)
            settings = {"filter": "#", **settings}
        self.settings = IngestSettings(
            name,
            PARTITIONS,
            given,
            kafka.address,
            **self.topics,
            **settings,  # type: ignore[arg-type]
        )
        self.bridge = Bridge(self.settings, CITY, self.reports.append)
        self._thread = threading.Thread(target=self.bridge.run, daemon=True)
        self._thread.start()
        self.publisher = publisher(both, f"pub-{name}")
        self.log = FrameLog(kafka.address, self.topics["topic"], PARTITIONS)
        self.refused = LogReader(kafka.address, self.topics["refused"], 1)
        self.frames: list[tuple[Record, Frame]] = []
        self.wait(lambda: self.bridge.figures()["mqtt"] == "up")

    def publish(self, topic: str, payload: object, qos: int = 1) -> None:
        text = payload if isinstance(payload, bytes) else json.dumps(payload)
        self.publisher.publish(topic, text, qos=qos).wait_for_publish(5)

    def wait(self, condition: object, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():  # type: ignore[operator]
            assert time.monotonic() < deadline, self.bridge.figures()
            time.sleep(0.02)

    def readings(self) -> list[tuple[str, str, int, float]]:
        self.frames += self.log.frames()
        return [reading for _, frame in self.frames for reading in readings_of(frame)]

    def ticks(self) -> list[tuple[int, int]]:
        """(partition, t) of each tick so far."""
        self.frames += self.log.frames()
        return [(record.partition, frame.t) for record, frame in self.frames if frame.tick]

    def stop(self) -> None:
        self.bridge.stop()
        self._thread.join(15)
        assert not self._thread.is_alive()
        self.publisher.disconnect()
        self.publisher.loop_stop()
        self.log.close()
        self.refused.close()


@pytest.fixture
def running(both: Servers, request: pytest.FixtureRequest) -> Iterator[Running]:
    settings = request.param if hasattr(request, "param") else {}
    one = Running(both, f"bridge-{next(NUMBERS)}", **settings)
    yield one
    one.stop()


def test_readings_arrive_in_the_partition_of_their_sensor(running: Running) -> None:
    now = int(time.time() * 1000)
    want = []
    for step in range(20):
        for name in ("air-2", "near-1"):
            topic = f"city/north/air/{name}"
            running.publish(topic, {"ts": now + step, "values": {"pm25": step, "no2": step + 0.5}}, qos=step % 3)
            want += [(name, "pm25", now + step, float(step)), (name, "no2", now + step, step + 0.5)]
    running.wait(lambda: len(running.readings()) >= len(want))
    assert sorted(running.readings()) == sorted(want)
    for record, frame in running.frames:
        assert all(partition_of(sensor, PARTITIONS) == record.partition for sensor, *_ in readings_of(frame))
        assert frame.tick or 0 <= frame.wall - now < 20_000
    running.wait(lambda: running.bridge.figures()["unacked"] == 0)


def test_every_refusal_is_kept_with_its_bytes(running: Running) -> None:
    now = int(time.time() * 1000)
    five = {"ts": now, "values": {"pm25": 1, "no2": -2, "o3": 3, "dust": 4, "pm10": "5"}}
    sent = [
        ("city/north/air/air-2", json.dumps(five).encode(), {("out_of_range", 1), ("unknown_metric", 3)}),
        ("city/north/air/air-9", b'{"ts":1}', {("unknown_sensor", -1)}),
        ("city/north/air/air-2", b"", {("empty", -1)}),
        ("city/north/air/air-2", b"\xff\xfe", {("bad_text", -1)}),
        ("city/x", b"{}", {("bad_topic", -1)}),
        ("city/north/air/air-2", b"a" * 70_000, {("too_large", -1)}),
    ]
    for topic, payload, _ in sent:
        running.publish(topic, payload)
    found = list(running.refused.until_quiet())
    want = {(topic, payload[:65_536], code, index) for topic, payload, faults in sent for code, index in faults}
    want.add(("city/north/air/air-2", sent[0][1], "unknown_metric", 4))
    got = {
        (one.headers["topic"].decode(), one.value or b"", one.headers["code"].decode(), int(one.headers["index"]))
        for one in found
    }
    assert got == want
    by_topic = {(topic, payload[:65_536]): payload for topic, payload, _ in sent}
    for one in found:
        topic = one.headers["topic"]
        whole = by_topic[topic.decode(), one.value or b""]
        assert one.headers["id"].decode() == refusal_id(topic, whole, int(one.headers["index"]))
        assert one.headers["where"] == b"ingest" and one.headers["detail"] and one.key == topic
        assert abs(int(one.headers["wall"]) - now) < 20_000
    assert sorted(metric for _, metric, *_ in running.readings()) == ["o3", "pm25"]
    running.wait(lambda: running.bridge.figures()["unacked"] == 0)
    refused = running.bridge.figures()["refused"]
    assert refused == {
        "bad_text": 1, "bad_topic": 1, "empty": 1, "out_of_range": 1, "too_large": 1, "unknown_metric": 2,
        "unknown_sensor": 1,
    }  # fmt: skip


def test_a_tick_of_the_bridge_reaches_every_partition_each_second(running: Running) -> None:
    running.wait(lambda: len({t for _, t in running.ticks()}) >= 2)
    ticks = running.ticks()
    assert len(ticks) == len(set(ticks))
    for partition in range(PARTITIONS):
        times = [t for where, t in ticks if where == partition]
        assert times == sorted(times)
    assert {frame.tick for _, frame in running.frames} == {running.name}
    assert all(0 <= frame.wall - frame.t < 2000 for _, frame in running.frames)
    running.wait(lambda: bool(running.reports))
    assert {"messages", "readings", "refused", "frames", "ticks", "unacked", "kafka"} <= set(running.reports[-1])


@pytest.mark.parametrize("running", [{"clock": "publisher"}], indirect=True)
def test_a_publisher_may_own_the_clock(running: Running) -> None:
    start = 1_700_000_000_000
    for step in range(3):
        at = start + step * 60_000
        if not step:
            running.publish("urbanpulse/clock", {"t": at, "next": at + 60_000})
        for ahead in (1, 59_000, 60_000 + 60_001):
            running.publish("city/north/air/air-2", {"ts": at + ahead, "values": {"pm25": step}})
        running.publish("urbanpulse/clock", {"t": at + 60_000, "next": at + 120_000})
    running.wait(lambda: len(running.ticks()) >= 4 * PARTITIONS)
    assert {t for _, t in running.ticks()} == {start + step * 60_000 for step in range(4)}
    assert sorted(ts for _, _, ts, _ in running.readings()) == [
        start + step * 60_000 + ahead for step in range(3) for ahead in (1, 59_000)
    ]
    codes = [one.headers["code"] for one in running.refused.until_quiet()]
    assert codes == [b"too_far_ahead"] * 3
    for partition in range(PARTITIONS):  # and none before what it closes
        clock = 0
        for record, frame in running.frames:
            if record.partition == partition:
                clock = frame.t if frame.tick else clock
                assert all(ts > clock for *_, ts, _ in readings_of(frame))


@pytest.mark.parametrize("running", [{"filter": "city/north/#, city/elsewhere"}], indirect=True)
def test_several_filters(running: Running) -> None:
    running.wait(lambda: len(running.ticks()) >= PARTITIONS)
    running.publish("city/elsewhere", b"1")
    assert [one.headers["code"] for one in running.refused.until_quiet()] == [b"bad_topic"]


@pytest.mark.parametrize("running", [{"clock": "publisher"}], indirect=True)
def test_a_clock_that_tells_nonsense_is_refused(running: Running) -> None:
    sent = [b"", b"{}", b'{"t":"now"}', b'{"t":-1}', b'{"t":true}', b'{"t":%d}' % ((1 << 43) - 1), b"[1]"]
    for payload in sent:
        running.publish("urbanpulse/clock", payload)
    running.publish("urbanpulse/clock", {"t": 5, "next": 4})
    running.wait(lambda: len(running.ticks()) == PARTITIONS)
    assert [one.headers["code"] for one in running.refused.until_quiet()] == [b"bad_time"] * len(sent)


def test_what_comes_while_a_bridge_is_away_comes_later(both: Servers) -> None:
    first = Running(both, "returning")
    first.stop()
    now = int(time.time() * 1000)
    sender = publisher(both, "while-away")
    for step in range(300):
        sender.publish("city/north/air/air-2", b'{"ts":%d,"values":{"pm25":1}}' % (now + step), qos=1)
    time.sleep(0.5)
    second = Running(both, "returning")
    try:
        second.wait(lambda: len(second.readings()) >= 300)
        assert sorted(ts for _, _, ts, _ in second.readings()) == [now + step for step in range(300)]
    finally:
        second.stop()
        sender.disconnect()
        sender.loop_stop()


def test_the_publishers_clock_outlives_the_bridge(both: Servers) -> None:
    start = 1_700_000_000_000
    first = Running(both, "clock-kept", clock="publisher")
    first.publish("urbanpulse/clock", {"t": start, "next": start + 60_000})
    first.wait(lambda: len(first.ticks()) == PARTITIONS)
    first.stop()
    second = Running(both, "clock-kept", clock="publisher")
    try:
        second.publish("city/north/air/air-2", {"ts": start + 120_001, "values": {"pm25": 1}})
        second.publish("city/north/air/air-2", {"ts": start + 120_000, "values": {"pm25": 1}})
        second.wait(lambda: len(second.readings()) == 1)
        assert [one.headers["code"] for one in second.refused.until_quiet()] == [b"too_far_ahead"]
    finally:
        second.stop()
