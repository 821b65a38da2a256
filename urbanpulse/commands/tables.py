"""Figures as text for a terminal."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from streams.stores.port import Bucket
from urbanpulse.account import Account
from urbanpulse.commands.common import show_instant
from urbanpulse.exact import Difference, ExactAccount, Named
from urbanpulse.kafka import Record

SHOWN_BYTES = 400


def account(now: Account) -> str:
    """The account of a running city, one term a line."""
    refused = sum(now.refused.values())
    rows: list[tuple[str, object]] = [
        ("in Kafka", now.readings),
        ("  stored", now.stored),
        ("  repeats", now.repeats),
        ("  conflicts", now.conflicts),
        ("  rejected", now.rejected),
        ("  waiting", now.waiting.record),
        ("refused", refused),
        *((f"  {code}", count) for code, count in now.refused.items()),
        ("late (stored)", now.late),
        ("late, decided anew", now.amending),
        ("not judged yet", now.waiting.judge),
        ("  events of areas", now.waiting.areas),
        ("derived (stored)", now.derived),
        ("  waiting", now.waiting.derived),
        ("findings", now.findings),
        ("  waiting", now.waiting.alerts),
        *((f"alerts {state}", count) for state, count in now.alerts.items()),
        *((f"messages {outcome}", count) for outcome, count in now.deliveries.items()),
    ]
    lines = [f"{name:<24}{value:>12}" for name, value in rows]
    lines += [f"partition {number}: records {start} to {end} were gone unread" for number, start, end in now.expired]
    lines += [
        f"areas, partition {number}: summaries {start} to {end} were gone unread"
        for number, start, end in now.expired_areas
    ]
    lines.append("balanced" if now.balanced else "not balanced (yet)")
    return "\n".join(lines)


def exact(found: ExactAccount) -> str:
    """The exact account, with names."""
    lines = [
        f"{name:<24}{value:>12}"
        for name, value in (
            ("in the log", found.readings),
            ("in the store", found.stored),
            ("  derived, besides", found.derived),
            ("repeats", found.repeats),
            ("waiting", found.waiting),
            ("older than the log", found.older),
        )
    ]
    for name, words, difference in (
        ("missing", "in the log, not in the store", found.missing),
        ("extra", "in the store, not in the log", found.extra),
        ("conflicting", "two values in the log", found.conflicting),
        ("differing", "another value in the store", found.differing),
    ):
        lines += _difference(name, words, difference)
    for frame in found.bad_frames:
        kept = "" if frame.refused else ", and the topic refused lacks it"
        lines.append(
            f"bad frame: partition {frame.partition} offset {frame.offset}: {frame.code}: {frame.detail}{kept}"
        )
    lines.append("exact" if found.exact else "NOT exact")
    return "\n".join(lines)


def _difference(name: str, words: str, difference: Difference) -> Iterator[str]:
    if not difference.count:
        return
    yield f"{name} ({words}): {difference.count}"
    for one in difference.named:
        yield f"  {_named(one)}"
    if difference.count > len(difference.named):
        yield f"  ... and {difference.count - len(difference.named)} more"


def _named(one: Named) -> str:
    other = "" if one.other is None else f" and {one.other!r}"
    where = "" if one.offset is None else f" (partition {one.partition} offset {one.offset})"
    return f"{one.sensor} {one.metric} {show_instant(one.ts)} {one.value!r}{other}{where}"


def series(found: Sequence[Bucket], metric: str, form: Literal["table", "csv", "json"]) -> Iterator[str]:
    """Readings, oldest first. CSV and JSON give epoch ms too, and every digit of the value."""
    if form == "json":
        yield json.dumps([{"ts": one.ts, "time": show_instant(one.ts), "value": one.value} for one in found])
    elif form == "csv":
        yield f"ts,time,{metric}"
        yield from (f"{one.ts},{show_instant(one.ts)},{one.value!r}" for one in found)
    else:
        yield from (f"{show_instant(one.ts)}  {one.value:>14.6g}" for one in found)


def refusal(record: Record, show: Callable[[int], str]) -> str:
    """One refusal: when, why, where from, and what it was; bytes that a terminal would obey are escaped."""
    head = {name: value.decode(errors="replace") for name, value in record.headers.items()}
    wall = head.get("wall", "")
    when = show(int(wall)) if wall.isdigit() else "-"
    value = record.value or b""
    more = f" ... ({len(value)} bytes)" if len(value) > SHOWN_BYTES else ""
    lines = [
        f"{when}  {head.get('code', '?')}: {printable(head.get('detail', ''))}",
        f"    topic  {printable(head.get('topic', '-'))}" + _index(head.get("index", "")),
        f"    bytes  {printable(value[:SHOWN_BYTES].decode(errors='backslashreplace'))}{more}",
    ]
    return "\n".join(lines)


def _index(index: str) -> str:
    return f", value {index}" if index.isdigit() else ""


def printable(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
