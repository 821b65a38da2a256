"""A plain, unmodified Faust app as the host of a stream part: group membership, rebalances, fetching.

Faust's acknowledgements, Tables and producers are not used; what is private of Faust is named in this file alone
(`_commit`), and a test fails when it goes away.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

import faust
from faust.types import TP

from streams.exits import die
from streams.kafka import ask
from streams.lanes import lane, partition_of_lane, place_of
from streams.outage import Outage, limit_clients

log = logging.getLogger("urbanpulse.streams")

STOPPING = 8.0
"""Seconds that a part may take to write what it knows when it is told to stop."""
STOPPED = 30.0
"""The same for everything that Faust does on its way out."""


class Guest(Protocol):
    """A stream part, as its host calls it; everything on one event loop. Where its host reads more than one topic, a
    partition is a lane (streams/lanes.py)."""

    async def start(self) -> None:
        """Once, before anything else."""

    async def load(self, partitions: list[int]) -> dict[int, int] | None:
        """A new assignment: where to read on in each partition, or None when it was revoked meanwhile."""

    def accept(self, starts: dict[int, int]) -> None:
        """The positions are set: records come from there on."""

    def drop(self) -> None:
        """The assignment ended. Forget it as a crash would."""

    async def take(self, partition: int, offset: int, value: bytes | None) -> None:
        """The next record of a partition."""

    async def stop(self) -> None:
        """Write what is known and give back what is held."""


class Host:
    """What a guest may ask of its host."""

    def __init__(self, part: str, app: faust.App, topics: tuple[str, ...]) -> None:
        self.part, self.app, self.topics = part, app, topics
        self.outage = Outage(part)
        self._stopping = False

    async def commit(self, positions: dict[int, int]) -> bool:
        """Commit the next offsets to read; False when the group has moved on."""
        return bool(await self.app.consumer._commit({self._tp(p): next_ for p, next_ in positions.items()}))

    async def seek(self, positions: dict[int, int]) -> bool:
        """Make Faust read on from these offsets: it seeks to what is committed, but for 0, which it passes over."""
        if not await self.commit(positions):
            return False
        for partition, position in positions.items():
            if position == 0:
                await self.app.consumer.seek(self._tp(partition), 0)
        return True

    def assignment(self) -> list[int]:
        assigned = self.app.consumer.assignment()
        return sorted(self.lane(tp.topic, tp.partition) for tp in assigned if tp.topic in self.topics)

    def lane(self, topic: str, partition: int) -> int:
        return lane(self.topics.index(topic), partition)

    def _tp(self, partition: int) -> TP:
        return TP(self.topics[place_of(partition)], partition_of_lane(partition))

    def end(self, partition: int) -> int | None:
        """The partition's high watermark as the last Fetch told it; None when not known (any more)."""
        try:
            end: int | None = self.app.consumer.highwater(self._tp(partition))
        except (AssertionError, KeyError, AttributeError, RuntimeError):
            return None
        return end

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` beside the agent for good. Its failure ends the process."""

        async def guarded() -> None:
            try:
                await work()
            except asyncio.CancelledError:
                if not self._stopping:
                    die(self.part, "a loop of its own was cancelled")
                raise
            except BaseException as error:
                die(self.part, error)

        self.app.add_future(guarded())

    def stopping(self) -> None:
        self._stopping = True


def create_app(
    part: str,
    *,
    group: str,
    kafka: str,
    topics: tuple[str, ...],
    partitions: int,
    data_dir: Path,
    session_timeout: float,
    member: str,
) -> tuple[faust.App, Host]:
    """A Faust app that reads `topics`, of equally many partitions, in `group` and knows no guest yet."""
    data_dir.mkdir(parents=True, exist_ok=True)
    more = {"consumer_group_instance_id": member} if member else {}
    app = faust.App(
        group,
        broker=f"kafka://{kafka}",
        store="memory://",
        datadir=str(data_dir / f"faust-{part}"),
        topic_partitions=partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=64,  # it counts messages, and a message is a frame
        broker_session_timeout=session_timeout,
        broker_heartbeat_interval=session_timeout / 5,
        consumer_auto_offset_reset="earliest",
        **more,
    )
    return app, Host(part, app, topics)


def prepare(part: str, kafka: str) -> bool:
    """Before an app is made in this process: logging, an event loop, and a Kafka that is there. False when the
    process was told to end meanwhile."""
    if not logging.getLogger().handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if not wait_for_kafka(kafka, Outage(part)):
        return False
    asyncio.set_event_loop(asyncio.new_event_loop())  # newer Pythons make none by themselves
    return True


def seat(host: Host, guest: Guest) -> None:
    """Connect a guest to its app: one agent with concurrency 1 that never acknowledges."""
    app, part = host.app, host.part
    started = False
    source = app.topic(*host.topics, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")

    @app.agent(source, concurrency=1, name=f"urbanpulse-{part}")  # type: ignore[untyped-decorator]
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            try:
                message = event.message
                await guest.take(host.lane(message.topic, message.partition), message.offset, message.value)
            except Exception as error:  # Faust would start the agent again behind the failed frame
                die(part, error)

    @app.on_partitions_revoked.connect  # type: ignore[untyped-decorator]
    async def revoked(*_: object, **__: object) -> None:
        try:
            guest.drop()
        except Exception as error:
            die(part, error)

    @app.on_rebalance_complete.connect  # type: ignore[untyped-decorator]
    async def complete(*_: object, **__: object) -> None:
        nonlocal started
        try:
            if not started:
                started = True
                await guest.start()
            guest.drop()
            starts = await guest.load(host.assignment())
            if starts is not None and (not starts or await host.seek(starts)):
                guest.accept(starts)
        except Exception as error:  # aiokafka and Faust would only log it
            die(part, error)

    @app.on_before_shutdown.connect  # type: ignore[untyped-decorator]
    async def shutdown(*_: object, **__: object) -> None:
        host.stopping()
        if not started:
            return
        try:
            await asyncio.wait_for(guest.stop(), STOPPING)
        except Exception as error:
            log.warning("%s: stopped without writing all it knew, which is read again: %r", part, error)


class _Worker(faust.Worker):  # type: ignore[misc]
    """Faust's worker, which may not take for ever to stop."""

    part = ""

    async def stop(self) -> None:
        timer = threading.Timer(STOPPED, die, (self.part, f"it did not stop within {STOPPED:.0f} s"))
        timer.daemon = True
        timer.start()
        await super().stop()


def run(app: faust.App, host: Host) -> None:
    """Run the app in this process until SIGTERM or SIGINT; returns after an orderly stop. Raises what crashed Faust."""
    limit_clients(host.outage)
    # Not Faust's own logging set-up: below level info its spinner sets the root logger to DEBUG.
    worker = _Worker(app, loglevel="info", override_logging=False, redirect_stdouts=False, quiet=True)
    worker.part, worker.spinner = host.part, None
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        if end.code not in (0, None):
            raise
    finally:
        # asyncio has taken its handlers away: asked twice to end is still an orderly end.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    log.info("%s: stopped", host.part)


def wait_for_kafka(kafka: str, outage: Outage) -> bool:
    """True when a broker answers, False when the process was told to end before."""
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        while not ended.is_set():
            for address in kafka.split(","):
                try:
                    ask(address)
                except OSError as error:
                    outage.trouble(f"{address}: {error}")
                else:
                    outage.fine()
                    return True
            ended.wait(1.0)
        return False
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
