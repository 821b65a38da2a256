"""The live stream: what arrives, what a returning browser gets, and when nobody is asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from console.app import create_console
from console.context import Console
from console.events import BATCH, LISTENERS, CrowdedError, Feed
from console.html import Markup
from console.live import _stream
from console.ports import AlertChange, AlertFilter
from tests.support.console_app import city, client, console
from tests.support.console_twins import NOON, MemoryDesk, MemoryStore, alert_file

pytestmark = pytest.mark.anyio


def feed(desk: MemoryDesk, poll: float = 0.01, heartbeat: float = 5.0) -> Feed:
    async def changes(since: int) -> Sequence[AlertChange]:
        return desk.changes(since, BATCH)

    async def last_seq() -> int:
        return desk.last_seq()

    async def strip() -> Markup:
        return Markup("")

    return Feed(changes, last_seq, strip, poll=poll, heartbeat=heartbeat)


async def numbers(of: Feed, since: int, wanted: int) -> list[int]:
    """The numbers of the first `wanted` changes that a listener gets."""
    got: list[int] = []
    async with aclosing(of.listen(since)) as stream:  # type: ignore[type-var]
        async for item in stream:
            if item is not None and not isinstance(item, Markup):
                got += [change.seq for change in item]
            if len(got) >= wanted:
                break
    return got


async def test_a_change_reaches_every_listener_once_and_in_order() -> None:
    desk = MemoryDesk()
    of = feed(desk)
    listeners = [asyncio.create_task(numbers(of, 0, 3)) for _ in range(3)]
    for number in range(3):
        await asyncio.sleep(0.02)
        desk.put(alert_file(number))
    assert await asyncio.wait_for(asyncio.gather(*listeners), 5) == [[1, 2, 3]] * 3


async def test_a_listener_that_comes_back_gets_what_it_missed_and_nothing_twice() -> None:
    desk = MemoryDesk()
    for number in range(5):
        desk.put(alert_file(number))
    of = feed(desk)
    task = asyncio.create_task(numbers(of, 2, 5))
    await asyncio.sleep(0.05)
    desk.put(alert_file(5))
    await asyncio.sleep(0.05)
    desk.put(alert_file(6))
    assert await asyncio.wait_for(task, 5) == [3, 4, 5, 6, 7]


async def test_what_happens_while_a_listener_catches_up_is_not_lost() -> None:
    desk = MemoryDesk()
    for number in range(3 * BATCH):
        desk.put(alert_file(number))
    of = feed(desk)
    got: list[int] = []
    async with aclosing(of.listen(0)) as stream:  # type: ignore[type-var]
        async for item in stream:
            if item is None or isinstance(item, Markup):
                continue
            got += [change.seq for change in item]
            if desk.seq < 3 * BATCH + 4:
                desk.put(alert_file(10_000 + desk.seq))
                await asyncio.sleep(0.02)
            if len(got) == 3 * BATCH + 4:
                break
    assert got == list(range(1, 3 * BATCH + 5))


async def test_a_change_between_the_first_two_looks_is_not_lost() -> None:
    desk = MemoryDesk()
    inner = feed(desk)
    look = inner._changes

    async def changes(since: int) -> Sequence[AlertChange]:
        found = await look(since)
        if desk.seq == 0:  # the listener has just been told that it missed nothing
            desk.put(alert_file(0))
            await asyncio.sleep(0.02)
        return found

    inner._changes = changes
    assert await asyncio.wait_for(numbers(inner, 0, 1), 2) == [1]


async def test_nobody_is_asked_while_nobody_listens() -> None:
    desk = MemoryDesk()
    of = feed(desk)
    desk.put(alert_file(0))
    assert await asyncio.wait_for(numbers(of, 0, 1), 5) == [1]
    asked = desk.asked["changes"]
    await asyncio.sleep(0.1)
    assert desk.asked["changes"] == asked and of.listeners == 0


async def test_one_poller_serves_many() -> None:
    desk = MemoryDesk()
    of = feed(desk, poll=0.1)
    tasks = [asyncio.create_task(numbers(of, 0, 1)) for _ in range(50)]
    await asyncio.sleep(0.35)
    polls = desk.asked["changes"] - 50  # each asks once for what it missed
    assert polls <= 6
    desk.put(alert_file(0))
    await asyncio.wait_for(asyncio.gather(*tasks), 5)


async def test_a_desk_that_fails_for_a_while_ends_no_stream() -> None:
    desk = MemoryDesk()
    of = feed(desk)
    task = asyncio.create_task(numbers(of, 0, 1))
    await asyncio.sleep(0.03)
    desk.broken = OSError("locked")
    await asyncio.sleep(0.05)
    desk.put(alert_file(0))
    desk.broken = None
    assert await asyncio.wait_for(task, 5) == [1] and of.failures > 0


async def test_a_quiet_stream_beats() -> None:
    of = feed(MemoryDesk(), heartbeat=0.03)
    async with aclosing(of.listen(0)) as stream:  # type: ignore[type-var]
        assert await asyncio.wait_for(anext(stream), 2) is None


async def test_a_listener_too_slow_is_let_go_and_comes_back_to_the_rest() -> None:
    desk = MemoryDesk()
    of = feed(desk, poll=0.001)
    got: list[int] = []
    async with aclosing(of.listen(0)) as stream:  # type: ignore[type-var]
        first = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.05)
        for number in range(60):  # each poll brings one; nobody takes them
            desk.put(alert_file(number))
            polled = desk.asked["changes"] + 2
            while desk.asked["changes"] < polled:
                await asyncio.sleep(0.001)
        got += [change.seq for change in await first]
        async for item in stream:
            got += [change.seq for change in item]
    assert got and got[-1] < 60, "the stream ended before the last change"
    assert await asyncio.wait_for(numbers(of, got[-1], 60 - len(got)), 5) == list(range(got[-1] + 1, 61))


async def test_closing_ends_every_stream_at_once() -> None:
    of = feed(MemoryDesk())
    task = asyncio.create_task(numbers(of, 0, 1))
    await asyncio.sleep(0.03)
    of.close()
    assert await asyncio.wait_for(task, 1) == []


async def test_there_is_a_bound_on_listeners() -> None:
    of = feed(MemoryDesk())
    tasks = [asyncio.create_task(numbers(of, 0, 1)) for _ in range(LISTENERS)]
    await asyncio.sleep(0.05)
    with pytest.raises(CrowdedError):
        await numbers(of, 0, 1)
    of.close()
    await asyncio.gather(*tasks)


class Stream:
    """Reads the events of one connection, as a browser does."""

    def __init__(self, of: Console, wanted: AlertFilter, since: int) -> None:
        self._lines: AsyncIterator[bytes] = _stream(of, wanted, since)

    async def next(self, name: str) -> tuple[int | None, dict[str, object] | str]:
        while True:
            chunk = (await asyncio.wait_for(anext(self._lines), 5)).decode()
            for block in chunk.strip("\n").split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
                if fields.get("event") == name:
                    return int(fields["id"]) if "id" in fields else None, json.loads(fields["data"])


def shared(desk: MemoryDesk) -> Console:
    app = create_console(MemoryStore(), desk, city(), now=lambda: NOON)
    made = app.state.console
    assert isinstance(made, Console)
    return made


async def test_an_event_brings_the_row_that_the_page_would_show() -> None:
    desk = MemoryDesk()
    desk.put(alert_file(0, text="<b>&\n\nid: 99"))
    of = shared(desk)
    number, data = await Stream(of, AlertFilter(), 0).next("alert")
    assert number == 1 and isinstance(data, dict) and data["show"] is True
    assert data["row"] in await _board(desk) and "&lt;b&gt;" in str(data["row"])


async def _board(desk: MemoryDesk) -> str:
    async with client(create_console(MemoryStore(), desk, city(), now=lambda: NOON)) as http:
        return (await http.get("/")).text


async def test_an_event_says_whether_the_filter_holds() -> None:
    desk = MemoryDesk()
    desk.put(alert_file(0, severity="yellow"))
    _, data = await Stream(shared(desk), AlertFilter(severity="orange"), 0).next("alert")
    assert isinstance(data, dict) and data["show"] is False


async def test_the_figures_follow() -> None:
    desk = MemoryDesk()
    desk.put(alert_file(0))
    _, strip = await Stream(shared(desk), AlertFilter(), 1).next("strip")
    assert isinstance(strip, str) and '<b class="num">1</b><span>open</span>' in strip


async def test_a_flood_is_one_word_instead_of_a_thousand_rows() -> None:
    desk = MemoryDesk()
    for number in range(1000):
        desk.put(alert_file(number))
    number, data = await Stream(shared(desk), AlertFilter(), 0).next("refresh")
    assert number == BATCH and data == {"changes": BATCH}


async def test_a_crowd_is_told_to_come_later() -> None:
    app = console()
    of = app.state.console.feed
    tasks = [asyncio.create_task(numbers(of, 0, 1)) for _ in range(LISTENERS)]
    await asyncio.sleep(0.1)
    async with client(app) as http:
        answer = await http.get("/events")
    assert answer.status_code == 503 and answer.headers["retry-after"]
    of.close()
    await asyncio.gather(*tasks)
