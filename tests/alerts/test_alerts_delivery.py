"""The dispatcher with a real outbox and real HTTP servers on this machine."""

import asyncio
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from alerts.channels.log import LogChannel
from alerts.channels.port import Channel, Message, Surroundings
from alerts.channels.webhook import build
from alerts.delivery import Dispatcher
from alerts.departments import Department
from alerts.desk import Desk
from alerts.endpoint import Policy
from alerts.holder import holding
from alerts.outbox import Claim, Outbox, Outcome
from tests.support.alert_findings import ENVIRON, HERE, SECRET, department, finding, log_channel, webhook
from tests.support.odd_http import answers, odd_server

LOCAL = Surroundings(Policy(allow_loopback=True), ENVIRON, HERE)


def wall() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def dispatching(
    outbox: Outbox, channels: Mapping[str, Channel], clock: Callable[[], int] = wall, settle: float = 2.0
) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(outbox, channels, clock=clock, dice=lambda: 0.0, settle=settle)
    thread = threading.Thread(target=lambda: asyncio.run(dispatcher.run()))
    thread.start()
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        thread.join()


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def hooks(**urls: str) -> tuple[dict[str, Department], dict[str, Channel]]:
    """A department for each name, with its channel."""
    departments: dict[str, Department] = {}
    channels: dict[str, Channel] = {}
    for name, url in urls.items():
        channel = webhook(url, f"{name}/webhook")
        departments |= department(name, hook=channel)
        channels[channel.endpoint] = build(channel.config, LOCAL)
    return departments, channels


def test_what_is_taken_is_sent_at_once(tmp_path: Path) -> None:
    with odd_server(answers("200 OK")) as server:
        departments, channels = hooks(environment=server.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments)
        with dispatching(Outbox(desk.database, "one"), channels) as dispatcher:
            desk.take([finding(1), finding(2, "cleared")])
            dispatcher.wake()
            until(lambda: desk.deliveries()["sent"] == 2)
    revisions = [headers["webhook-id"].rpartition("-")[2] for headers, _ in server.requests]
    assert revisions == ["1", "2"]


def test_a_failed_attempt_is_repeated_with_the_same_id_and_a_fresh_time(tmp_path: Path) -> None:
    hand = [1_800_000_000_000]
    with odd_server(answers("500 Oops"), answers("429 Wait", "retry-after: 600"), answers("200 OK")) as server:
        departments, channels = hooks(environment=server.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments, clock=lambda: hand[0])
        desk.take([finding(1)])
        with dispatching(Outbox(desk.database, "one"), channels, lambda: hand[0]) as dispatcher:
            for attempt, wait in enumerate([5_000, 600_000], start=1):
                until(partial(_tried, desk, attempt))
                hand[0] += wait - 1
                dispatcher.wake()
                time.sleep(0.1)
                assert len(server.requests) == attempt
                hand[0] += 1
                dispatcher.wake()
            until(lambda: desk.deliveries()["sent"] == 1)
    assert len({(headers["webhook-id"], body) for headers, body in server.requests}) == 1
    assert [int(headers["webhook-timestamp"]) for headers, _ in server.requests] == [
        1_800_000_000,
        1_800_000_005,
        1_800_000_605,
    ]


def _tried(desk: Desk, times: int) -> bool:
    return _attempts(desk) == times


def _attempts(desk: Desk) -> int:
    detail = desk.alert(desk.alerts()[0].id)
    assert detail is not None
    return detail.deliveries[0].attempts


def test_a_slow_department_delays_no_other(tmp_path: Path) -> None:
    release = threading.Event()

    def stall(connection: socket.socket) -> None:
        release.wait(10)

    with (
        odd_server(stall) as slow,
        odd_server(answers("200 OK")) as quick,
    ):
        departments, channels = hooks(slow=slow.url, quick=quick.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments)
        desk.take([finding(1, sensor=f"a{number}", departments=("slow",)) for number in range(50)])
        with dispatching(Outbox(desk.database, "one"), channels, settle=0.1) as dispatcher:
            until(lambda: len(slow.requests) == 4)
            desk.take([finding(1, sensor=f"b{number}", departments=("quick",)) for number in range(20)])
            dispatcher.wake()
            until(lambda: desk.deliveries()["sent"] == 20)
            assert len(slow.requests) == 4  # and those still wait for their answers
        release.set()


def test_410_switches_the_endpoint_off(tmp_path: Path) -> None:
    with odd_server(answers("410 Gone")) as server:
        departments, channels = hooks(environment=server.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments)
        with dispatching(Outbox(desk.database, "one"), channels) as dispatcher:
            desk.take([finding(1)])
            dispatcher.wake()
            until(lambda: desk.disabled())
            desk.take([finding(1, sensor="air-2")])
            dispatcher.wake()
            time.sleep(0.3)
    assert len(server.requests) == 1
    assert desk.deliveries() == {"sent": 0, "waiting": 0, "held": 2, "failed": 0}


def test_a_channel_that_raises_costs_an_attempt_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        async def send(self, message: Message, now: int) -> None:
            raise ZeroDivisionError

        async def close(self) -> None:
            pass

    desk = Desk(f"sqlite:///{tmp_path}/a.db", department(hook=webhook("http://127.0.0.1:9/")))
    desk.take([finding(1)])
    with dispatching(Outbox(desk.database, "one"), {"environment/webhook": Broken()}):
        until(lambda: _attempts(desk) == 1)
    assert desk.deliveries()["waiting"] == 1
    assert "ZeroDivisionError" in caplog.text


def test_while_the_database_is_away_a_delivered_message_stays_on_its_mind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.delivery.AWAY_SECONDS", 0.1)

    class Flaky(Outbox):
        refusals = 2

        def claim(self, now: int, room: Mapping[str, int], outcomes: Sequence[Outcome] = ()) -> list[Claim]:
            if outcomes and self.refusals:
                self.refusals -= 1
                raise OperationalError("", {}, Exception("database is locked"))
            return super().claim(now, room, outcomes)

    with odd_server(answers("200 OK")) as server:
        departments, channels = hooks(environment=server.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments)
        desk.take([finding(1)])
        with dispatching(Flaky(desk.database, "one"), channels):
            until(lambda: desk.deliveries()["sent"] == 1)
    assert len(server.requests) == 1


def test_killed_between_the_answer_and_the_mark_it_repeats_with_the_same_id(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    with odd_server(answers("200 OK")) as server:
        departments, channels = hooks(environment=server.url)
        desk = Desk(url, departments)
        desk.take([finding(1)])
        words = [sys.executable, "-m", "tests.support.dying_dispatcher", url, str(tmp_path), server.url, SECRET]
        died = subprocess.run(words, cwd=Path(__file__).parents[2], timeout=60, check=False)
        assert died.returncode == -signal.SIGKILL
        assert len(server.requests) == 1
        assert desk.deliveries()["waiting"] == 1
        # the one that comes back has the same name, so it need not wait for the dead one's lease to end
        with holding(tmp_path) as holder, dispatching(Outbox(desk.database, holder), channels):
            until(lambda: desk.deliveries()["sent"] == 1)
            time.sleep(0.2)
    first, second = server.requests
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]


def test_two_dispatchers_at_once_send_nothing_twice(tmp_path: Path) -> None:
    with odd_server(answers("200 OK")) as server:
        departments, one = hooks(environment=server.url)
        _, two = hooks(environment=server.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments)
        with (
            dispatching(Outbox(desk.database, "one"), one) as first,
            dispatching(Outbox(desk.database, "two"), two) as second,
        ):
            for number in range(40):
                desk.take([finding(1, sensor=f"air-{number}")])
                first.wake()
                second.wake()
            until(lambda: desk.deliveries()["sent"] == 40)
    assert len({headers["webhook-id"] for headers, _ in server.requests}) == len(server.requests) == 40


def test_stopping_lets_what_is_on_its_way_arrive(tmp_path: Path) -> None:
    def slowly(connection: socket.socket) -> None:
        time.sleep(0.5)
        answers("200 OK")(connection)

    with odd_server(slowly) as server:
        departments, channels = hooks(environment=server.url)
        desk = Desk(f"sqlite:///{tmp_path}/a.db", departments)
        desk.take([finding(1)])
        with dispatching(Outbox(desk.database, "one"), channels):
            until(lambda: server.requests)
    assert desk.deliveries()["sent"] == 1


def test_the_log_channel(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    desk = Desk(f"sqlite:///{tmp_path}/a.db", department(log=log_channel()))
    desk.take([finding(1, text="look\x1b[2J\nout")])
    with dispatching(Outbox(desk.database, "one"), {"environment/log": LogChannel()}):
        until(lambda: desk.deliveries("log")["sent"] == 1)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "alerts.log"]
    assert "alert.fired | red | smog-pm25 | air-1 | look\\x1b[2J\\nout" in line
    assert line.isprintable()


def test_a_name_is_held_by_one_and_kept_for_the_next(tmp_path: Path) -> None:
    with holding(tmp_path) as first, holding(tmp_path) as second:
        assert first != second
    with holding(tmp_path) as again:
        assert again == first
    (tmp_path / "dispatcher").write_bytes(b"torn")
    with holding(tmp_path) as new:
        assert len(new) == 32
    assert [file.name for file in tmp_path.iterdir()] == ["dispatcher"]
