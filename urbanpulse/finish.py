"""The end of a run that has one: published, drained, accounted for."""

import time
from collections.abc import Callable, Iterator

from rules.finding import Finding, decode
from simulators import published
from simulators.play import AFTER
from simulators.published import Published
from urbanpulse import account, drain, exact, publishing, report, stats
from urbanpulse.deployment import Deployment
from urbanpulse.kafka import Reader
from urbanpulse.opened import opened
from urbanpulse.sending import tell_time
from urbanpulse.supervisor import Supervisor
from urbanpulse.trouble import TroubleError
from urbanpulse.wish import Wish

DRAIN_SECONDS = 180.0
FIGURES_SECONDS = 1.2
"""Parts write their figures about once a second: after so long the last ones are there."""


def finish(
    wish: Wish, here: Deployment, supervisor: Supervisor, look: Callable[[], None], say: Callable[[str], None]
) -> int:
    """Waits for the publisher and then for everything behind it, settles the account, and returns the exit status.
    Raises TroubleError."""
    told = publisher_done(wish, here, supervisor, look)
    if not told.complete:
        tell_time(here, told.end)  # it was stopped within a step, and told no end of it
    say(f"published {told.received} readings and {sum(told.refused.values())} that must be refused; draining")
    with opened(here) as city:
        reader, store, desk = city.reader, city.store, city.desk
        patience = drain.Patience(DRAIN_SECONDS, look, say)
        bridges = [plan.id for plan in here.settings.ingest.bridges]
        until = told.end + AFTER if told.complete else told.end
        ticks = drain.Ticks(reader, here.settings.kafka.partitions, bridges, until)
        patience.wait(ticks.pending)
        patience.wait(lambda: drain.pending_stages(reader, store, desk))
        now = account.take(reader, store, desk)
        whole = exact.take(reader, store, here.settings.kafka.partitions, exact.Span())
        findings = list(read_findings(reader))
        webhooks = desk.deliveries("webhook")
    time.sleep(FIGURES_SECONDS)
    told_account = report.settle(told, now, whole)
    outcome = report.compare(told.expected, findings) if not wish.plan.files else None
    sent = report.deliveries(webhooks, stats.read(here.run.stats, "department"))
    result = {
        "account": told_account,
        **({"expected": outcome} if outcome is not None else {}),
        "findings": len(report.distinct(findings)),
        "alerts": now.alerts,
        "deliveries": sent,
        "latency_ms": {
            "stored": report.latency(stats.read(here.run.stats, "record")),
            "webhook": report.latency(stats.read(here.run.stats, "alerts")),
        },
        "restarts": supervisor.restarts(),
        "data": str(here.run.folder),
        "versions": report.versions(),
    }
    report.save(here.run.folder / "report.json", result)
    if wish.report is not None:
        report.save(wish.report, result)
    faults = wrong(told, told_account, outcome, sent, whole)
    say(summary(told_account, outcome, sent))
    for fault in faults:
        say(f"NOT AS IT SHOULD BE: {fault}")
    return 1 if faults else 0


def publisher_done(wish: Wish, here: Deployment, supervisor: Supervisor, look: Callable[[], None]) -> Published:
    """Its account, when it has ended by itself or its seconds are over."""
    end = time.monotonic() + wish.seconds if wish.seconds and wish.plan.files else None
    while supervisor.state("simulator") == "running":
        look()
        if end is not None and time.monotonic() > end:
            supervisor.stop("simulator")
            break
        time.sleep(0.1)
    try:
        return published.read(publishing.result(here.run))
    except OSError:
        raise TroubleError(f"the publisher did not come to its end:\n{supervisor.tail('simulator')}") from None


def read_findings(reader: Reader) -> Iterator[Finding]:
    return (decode(record.value) for record in reader.read(account.FINDINGS) if record.value is not None)


def wrong(
    told: Published,
    settled: report.ReportAccount,
    outcome: report.Outcome | None,
    sent: report.Deliveries,
    whole: exact.ExactAccount,
) -> list[str]:
    """Every reason not to be content."""
    faults = []
    if not settled.balanced:
        faults.append(
            f"received {settled.received}, stored {settled.stored}, refused {sum(settled.refused.values())}, "
            f"waiting {settled.waiting}; the publisher meant to have refused {told.refused}, the city {settled.refused}"
        )
    if not settled.exact:
        faults.append(f"log and store differ: {whole}")
    if outcome is not None and told.complete and (outcome.missed or outcome.unexpected):
        faults.append(f"{len(outcome.missed)} findings missed, {len(outcome.unexpected)} unexpected")
    # A repeat under the same webhook-id is within the promise: a dispatcher was killed between answer and mark.
    if sent.sent != sent.verified or sent.failed:
        faults.append(f"deliveries: {sent}")
    return faults


def summary(settled: report.ReportAccount, outcome: report.Outcome | None, sent: report.Deliveries) -> str:
    lines = [
        f"received {settled.received} = stored {settled.stored} + refused {sum(settled.refused.values())}, "
        f"waiting {settled.waiting}: {'balanced' if settled.balanced else 'NOT BALANCED'}"
        f" (repeats {settled.repeats}, late {settled.late})"
    ]
    if outcome is not None:
        lines.append(
            f"expected findings: {len(outcome.found)} found, {len(outcome.missed)} missed, "
            f"{len(outcome.unexpected)} unexpected"
        )
    lines.append(f"webhooks: {sent.sent} sent, {sent.verified} verified, {sent.duplicates} twice, {sent.failed} failed")
    return "\n".join(lines)
