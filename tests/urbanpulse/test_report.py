"""The report: when an account balances, and which findings were found, missed or unexpected."""

from dataclasses import dataclass, field

import pytest

from rules.finding import Evidence, Finding
from simulators.published import Expected, Published
from urbanpulse import report
from urbanpulse.account import Account, Waiting
from urbanpulse.exact import Difference, ExactAccount

NOTHING = Difference(0, [])


def published(received: int = 10, refused: dict[str, int] | None = None) -> Published:
    return Published(received, {"not_json": 2} if refused is None else refused, 12, [], True, 1.0, 0, 0.0, 0, 1)


def account(stored: int = 10, refused: dict[str, int] | None = None, waiting: Waiting = Waiting()) -> Account:  # noqa: B008
    return Account(
        readings=stored,
        stored=stored,
        repeats=3,
        conflicts=0,
        rejected=0,
        late=1,
        bad_frames=0,
        refused={"not_json": 2} if refused is None else refused,
        waiting=waiting,
        findings=0,
        derived=4,
        alerts={},
        deliveries={},
        expired=[],
        expired_areas=[],
        balanced=True,
    )


def exact(stored: int = 10, sound: bool = True) -> ExactAccount:
    return ExactAccount(
        readings=stored,
        repeats=0,
        waiting=0,
        stored=stored,
        derived=4,
        older=0,
        missing=NOTHING,
        extra=NOTHING,
        conflicting=NOTHING,
        differing=NOTHING,
        bad_frames=[],
        exact=sound,
    )


def test_received_is_stored_and_refused() -> None:
    settled = report.settle(published(), account(), exact())
    assert (settled.received, settled.stored, settled.refused, settled.waiting) == (12, 10, {"not_json": 2}, 0)
    assert settled.balanced
    assert settled.exact


@pytest.mark.parametrize(
    "now",
    [
        account(stored=9),
        account(stored=11),
        account(refused={"not_json": 1}),
        account(refused={"not_json": 1, "empty": 1}),
        account(waiting=Waiting(record=1)),
        account(waiting=Waiting(areas=1)),
        account(waiting=Waiting(delivery=1)),
    ],
    ids=["lost", "more", "refusal-lost", "refused-for-another-reason", "waiting", "areas-waiting", "undelivered"],
)
def test_anything_else_is_not_balanced(now: Account) -> None:
    assert not report.settle(published(), now, exact()).balanced


def test_a_store_that_is_exact_with_a_log_that_lost_is_not_exact() -> None:
    assert not report.settle(published(received=11), account(), exact()).exact


@dataclass
class Made:
    at: int = 5
    severity: str = "red"
    revision: int = 1
    episode: str = "e"
    change: str = "fired"
    text: str = field(default="")

    def finding(self) -> Finding:
        return Finding(
            v=1,
            episode=self.episode,
            revision=self.revision,
            change=self.change,  # type: ignore[arg-type]
            rule="r",
            rule_hash="h",
            kind="threshold",
            sensor="s",
            metric="m",
            district="d",
            departments=("x",),
            severity=self.severity,
            was="",
            at=self.at,
            onset=self.at,
            unit="u",
            text=self.text,
            evidence=Evidence("readings", 0, 0, 0),
            wall=0,
        )


def expected(at: int = 5, severity: str = "red", change: str = "fired") -> Expected:
    return Expected("r", "s", "m", at, change, severity)


def test_found_missed_and_unexpected() -> None:
    outcome = report.compare(
        [expected(), expected(at=9, change="cleared", severity="")],
        [Made().finding(), Made(at=7, revision=2).finding()],
    )
    assert outcome.found == [expected()]
    assert outcome.missed == [expected(at=9, change="cleared", severity="")]
    assert outcome.unexpected == [expected(at=7)]


def test_a_finding_told_twice_is_one() -> None:
    outcome = report.compare([expected()], [Made().finding(), Made().finding()])
    assert (len(outcome.found), len(outcome.unexpected)) == (1, 0)


def test_two_episodes_with_one_description_are_two() -> None:
    outcome = report.compare([expected()], [Made().finding(), Made(episode="f").finding()])
    assert (len(outcome.found), len(outcome.unexpected)) == (1, 1)


def test_latency_that_nobody_measured_is_null() -> None:
    assert report.latency({}) == {"p50": None, "p99": None}
    assert report.latency({"latency_ms": {"p50": 1.5, "p99": 9.0}}) == {"p50": 1.5, "p99": 9.0}
