"""What departments heard of an episode that is on: whether a silence keeps it from them, or a message never arrived."""

from collections.abc import Sequence

from msgspec import structs

from alerts.views import AlertDetail, HistoryView
from urbanpulse.authors.answer import Answer

SILENCED, HEARD = "silenced", "heard again"


def answer_of_desk(found: Answer, details: Sequence[AlertDetail], at: int) -> Answer:
    """The answer of the log, completed by the desk: an episode that fires but is silenced for all its departments is
    `silenced`. `details`: its alerts; `at` (ms): the event time that is asked for."""
    if not details:
        return found
    kept = {each.alert.department: step for each in details if (step := silenced(each.history, at)) is not None}
    lines = [f"{department} was not told: {step.note}" for department, step in sorted(kept.items())]
    lines += [line for each in details if (line := _lost(each))]
    if len(kept) < len(details):
        return structs.replace(found, more=[*lines, *found.more])
    return Answer(SILENCED, lines[0], [*lines[1:], found.reason, *found.more], found.episode)


def silenced(history: Sequence[HistoryView], at: int) -> HistoryView | None:
    """The step by which the alert was silenced, if it still was at `at`; ends of silences are on the wall's clock."""
    last: HistoryView | None = None
    for step in history:
        if step.what == SILENCED and step.at <= at:
            last = step
        elif step.what == HEARD and step.wall <= at:
            last = None
    return last


def _lost(detail: AlertDetail) -> str:
    failed = [each for each in detail.deliveries if each.state == "failed"]
    if not failed:
        return ""
    last, department = failed[-1], detail.alert.department
    return f"{department}: {len(failed)} messages never arrived at {last.endpoint} ({last.detail or last.reason})"
