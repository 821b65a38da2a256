"""MQTT in, Kafka out. A message is acknowledged when all that came of it, readings and refusals, is durable in Kafka.

One thread does everything that we write: it reads the socket, packs frames, hands them to kafka-python (whose own
sender does the network), looks which are durable, and acknowledges. So nothing is shared, and an acknowledgement can
never cross a reconnect.
"""

import logging
import select
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from ingest import refused, tick
from ingest.account import Account, Report
from ingest.clock import PublisherClock, WallClock
from ingest.contract import Contract
from ingest.framer import SECONDS, Framer
from ingest.kafka import Delivery, KafkaLostError, Producer
from ingest.mqtt import Link
from ingest.pending import Line, Refused, Tick
from ingest.settings import IngestSettings
from ingest.window import Window
from rules.refusal import Code, Refusal
from rules.sensor import Sensor

log = logging.getLogger("ingest")

DRAIN_SECONDS = 10.0
RECALLED = 200
"""Records of one partition, at most 2,000 readings each, among which a publisher's last tick is looked for."""
_BACKOFF, _LONGEST_BACKOFF = 0.1, 5.0
_STEADY_SECONDS = 10.0


class BridgeError(RuntimeError):
    """The bridge cannot go on in this process. What is not acknowledged, the MQTT broker delivers again."""


class Bridge:
    """One bridge between one MQTT session and one Kafka cluster. `run` blocks until SIGTERM or `stop`."""

    def __init__(
        self,
        settings: IngestSettings,
        sensors: Mapping[str, Sensor] | None = None,
        report: Report | None = None,
        kafka: Producer | None = None,
    ) -> None:
        """Without `sensors` nothing is read before `adopt` has told of some."""
        self._settings, self._report = settings, report
        self._contract = Contract(sensors or {})
        self._knows = sensors is not None
        self._adopted: Contract | None = None
        self._own_clock = settings.clock == "bridge"
        clock = WallClock if self._own_clock else PublisherClock
        self._clock = clock(settings.ahead_ms, settings.past_ms)
        self._tick_topic = tick.tick_topic(settings.id) if self._own_clock else tick.CLOCK_TOPIC
        self._tick_topic_bytes = self._tick_topic.encode()
        self._half = settings.mqtt.receive_maximum // 2
        self._window = Window(settings.mqtt.receive_maximum)
        self._kafka = kafka or Producer(settings.kafka)
        self._line = Line()
        self._framer = Framer(settings.partitions, self._line, self._send_frame)
        self._link = Link(
            settings.mqtt, settings.id, settings.subscriptions(self._tick_topic), self._receive, self._window.forget
        )
        self.account = Account()
        self._closed = 0  # messages received when all frames were last closed
        self._wall = self._earliest = self._latest = 0
        self._now = 0.0
        self._backoff, self._retry_at, self._connected_at = _BACKOFF, 0.0, 0.0
        self._next_second = 0.0
        self._stopping = False

    # -- the registry

    def adopt(self, sensors: Mapping[str, Sensor]) -> None:
        """From any thread: from the next message on this is the registry."""
        self._adopted = Contract(sensors)
        self._kafka.wake()

    def _take_over(self) -> None:
        if (adopted := self._adopted) is not None:
            self._contract, self._adopted, self._knows = adopted, None, True

    # -- a message in

    def _receive(self, topic: bytes, payload: bytes, qos: int, mid: int) -> None:
        self.account.messages += 1
        held = len(payload)
        if topic == self._tick_topic_bytes:
            held += self._take_tick(topic, payload)
        else:
            readings, refusals = self._contract.read(topic, payload, self._earliest, self._latest)
            if readings:
                self._framer.add(readings, self._window.received, self._wall, self._now)
                self.account.readings += len(readings)
            if refusals:
                held += self._refuse(topic, payload, refusals)
        self._window.take(mid, held)
        if self._window.received - self._closed >= self._half:
            self._close_all()  # half a window travels to Kafka while the other half fills

    def _take_tick(self, topic: bytes, payload: bytes) -> int:
        """A tick has come back: all that the broker had queued before it is in our frames."""
        try:
            told = tick.parse(payload, self._wall)
        except ValueError as error:
            log.error("a tick that is none on %s: %s", self._tick_topic, error)
            return self._refuse(topic, payload, [Refusal(Code.bad_time, str(error))])
        self._close_all()
        packed, headers = tick.record(self._settings.id, told, self._wall)
        self._line.append(Tick(self._window.received, lambda: self._send_tick(packed, headers)))
        if isinstance(self._clock, PublisherClock):
            self._clock.tell(told.t, told.next)
            self._earliest, self._latest = self._clock.bounds(self._wall)
        return 0

    def _refuse(self, topic: bytes, payload: bytes, refusals: Sequence[Refusal]) -> int:
        """Send each refusal to its topic; the bytes that they hold until they are durable."""
        held = 0
        for key, value, headers in refused.records(topic, payload, refusals, self._wall):
            delivery = self._kafka.send(self._settings.refused, value, key=key, headers=headers)
            self._line.append(Refused(self._window.received, delivery))
            held += len(value) + len(topic)
        self.account.refused.update(refusal.code for refusal in refusals)
        return held

    # -- records out, acknowledgements back

    def _send_frame(self, partition: int, packed: bytes) -> Delivery:
        return self._kafka.send(self._settings.topic, packed, partition=partition)

    def _send_tick(self, packed: bytes, headers: list[tuple[str, bytes]]) -> list[Delivery]:
        self.account.ticks += 1
        topic, partitions = self._settings.topic, range(self._settings.partitions)
        return [self._kafka.send(topic, packed, partition=one, headers=headers) for one in partitions]

    def _close_all(self) -> None:
        self._closed = self._window.received
        self._framer.close_all()

    def _settle(self) -> None:
        """Acknowledge what has become safe."""
        self._link.acknowledge(self._window.settle(self._line.settle(self._window.received)))

    # -- the connection

    def _connect(self) -> None:
        """Only when all in hand is durable: else each reconnect would add a window of readings to memory."""
        if self._line or self._now < self._retry_at:
            return
        if self._now - self._connected_at > _STEADY_SECONDS:
            self._backoff = _BACKOFF
        self._retry_at = self._now + self._backoff
        self._backoff = min(self._backoff * 2, _LONGEST_BACKOFF)
        if self._link.connect():
            self._connected_at = time.monotonic()

    # -- the loop

    def _step(self) -> None:
        """Wait for MQTT, Kafka or the next thing due, then do everything once."""
        self._take_over()
        wire = self._link.wire
        if wire is None and not self._stopping:
            self._connect()
            wire = self._link.wire
        reading: list[Any] = [self._kafka.awake]
        if wire is not None and not self._stopping and not self._window.full:
            reading.append(wire)
        writing = [wire] if wire is not None and wire.unsent else []
        ready, _, _ = select.select(reading, writing, [], self._patience(wire is None))
        self._now, self._wall = time.monotonic(), int(time.time() * 1000)
        if self._kafka.awake in ready:
            self._kafka.drain()
        if wire is not None and (wire in ready or wire.ended):
            self._earliest, self._latest = self._clock.bounds(self._wall)
            self._link.read()
        opened_at = self._framer.opened_at
        if opened_at is not None and self._now >= opened_at + SECONDS:
            self._close_all()
        self._settle()
        if self._now >= self._next_second:
            self._every_second()
        self._link.flush()
        if self._link.failure:
            raise BridgeError(self._link.failure)

    def _patience(self, away: bool) -> float:
        """How long the next turn may wait (s)."""
        due = self._next_second
        if self._framer.opened_at is not None:
            due = min(due, self._framer.opened_at + SECONDS)
        if away and not self._line and not self._stopping:
            due = min(due, self._retry_at)
        return max(0.0, due - time.monotonic())

    def _every_second(self) -> None:
        self._next_second = self._now + 1.0
        self._kafka.watch()
        self._link.expire()
        if not self._stopping and not self._window.full:
            if self._own_clock:
                self._link.publish(self._tick_topic, tick.payload(self._wall))
            self._link.keep()
        if self._report is not None:
            self._report(self.figures())

    def figures(self) -> dict[str, object]:
        """Counts since the start and what waits now."""
        return {
            **self.account.as_dict(),
            "lost_acks": self._window.lost,
            "frames": self._framer.frames,
            "unacked": len(self._window),
            "held_bytes": self._window.held,
            "in_flight": self._kafka.in_flight,
            "kafka": self._kafka.state,
            "mqtt": "up" if self._link.listening else "away",
        }

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """End soon: read no more, wait at most 10 s for what is on its way."""
        self._stopping = True
        self._kafka.wake()

    def run(self) -> None:
        """Raises BridgeError when only a new process can help, or none."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self.stop)
            signal.signal(signal.SIGINT, self.stop)
        try:
            if self._reach_kafka():
                while not self._stopping:
                    self._step()
                self._drain()
        except KafkaLostError as error:
            raise BridgeError(str(error)) from error
        finally:
            self._kafka.close()

    def _reach_kafka(self) -> bool:
        """Kafka and a registry first: MQTT keeps our part of the city meanwhile."""
        wanted = {self._settings.topic: self._settings.partitions, self._settings.refused: None}
        while not self._stopping:
            self._take_over()
            if self._kafka.connect(wanted) and self._knows:
                self._recall_clock()
                return True
            if self._report is not None:
                self._report(self.figures())
            time.sleep(0.2)
        return False

    def _recall_clock(self) -> None:
        if isinstance(self._clock, PublisherClock):
            told = tick.recall(self._settings.id, self._kafka.tail(self._settings.topic, 0, RECALLED))
            if told is not None:
                self._clock.tell(told.t, told.next)

    def _drain(self) -> None:
        self._close_all()
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._line and time.monotonic() < deadline:
            self._step()
        if self._line:
            log.warning("stopped with %d messages unacknowledged; they come again", len(self._window))
        self._link.disconnect()
        while (wire := self._link.wire) is not None and time.monotonic() < deadline:
            self._link.flush()
            if not wire.unsent or wire.ended:
                break
            time.sleep(0.005)


def run_ingest(
    settings: IngestSettings,
    sensors: Mapping[str, Sensor] | None = None,
    report: Report | None = None,
    follow: Callable[[Callable[[Mapping[str, Sensor]], None]], object] | None = None,
) -> None:
    """Run a bridge until SIGTERM. `follow` is given what to call, from any thread, with each registry that comes into
    force. Raises SystemExit(1), its cause logged, when it cannot go on."""
    try:
        bridge = Bridge(settings, sensors, report)
        if follow is not None:
            follow(bridge.adopt)
        bridge.run()
    except BridgeError as error:
        log.critical("%s", error)
        raise SystemExit(1) from error
