"""Silences: for a while a department is not told of some alerts.

Nothing is lost by one. An alert is on the board as ever, and what the department was not told is settled when the
silence ends: who is then still concerned hears how the alert stands, who never heard of it and has nothing to fear any
more hears nothing. Every silence has an end, somebody who answers for it, and a reason.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.alert import Alert
from alerts.tables import NAME, SilenceRow

LONGEST_MS = 30 * 86_400_000
REASON = 500
"""The longest reason, in characters."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """What is silenced: alerts that match all that is not empty (`sensor`: also an area of that name), from `begins` to
    `ends` (wall ms). `by` and `because`: who answers for it, and why. `ended_by`: who ended it early."""

    rule: str = ""
    sensor: str = ""
    district: str = ""
    department: str = ""
    begins: int
    ends: int
    by: str
    because: str
    id: int = 0
    ended_by: str = ""

    def covers(self, alert: Alert) -> bool:
        finding = alert.finding
        place = finding.area.name if finding.area is not None else finding.sensor
        return (
            self.rule in ("", finding.rule)
            and (not self.sensor or self.sensor in (finding.sensor, place))
            and self.district in ("", finding.district)
            and self.department in ("", alert.department)
        )


class UnknownSilenceError(LookupError):
    """No silence has this number, or it has ended."""


def checked(wanted: Silence, now: int) -> Silence:
    """The silence as it is kept, its words on one line. Raises ValueError with what to do."""
    words = {
        name: _line(getattr(wanted, name)) for name in ("rule", "sensor", "district", "department", "by", "because")
    }
    if not any(words[name] for name in ("rule", "sensor", "district", "department")):
        raise ValueError("a silence names a rule, a sensor, a district or a department")
    if not 1 <= len(words["by"]) <= NAME or not 1 <= len(words["because"]) <= REASON:
        raise ValueError(f"a silence has somebody who answers for it, and a reason of {REASON} characters at most")
    if any(len(words[name]) > NAME for name in ("rule", "sensor", "district", "department")):
        raise ValueError(f"a name has {NAME} characters at most")
    if not wanted.begins < wanted.ends or wanted.ends <= now:
        raise ValueError("a silence ends after it begins, and in the future")
    if wanted.ends - max(wanted.begins, now) > LONGEST_MS:
        days = LONGEST_MS // 86_400_000
        raise ValueError(f"a silence lasts {days} days at most; what is never to be told is left out of `notify`")
    return msgspec.structs.replace(wanted, **words)


def standing(session: Session, now: int) -> list[Silence]:
    """Those that hold now, the one that ends last first."""
    query = select(SilenceRow).where(SilenceRow.begins <= now, SilenceRow.ends > now)
    return [silence_view(row) for row in session.scalars(query.order_by(SilenceRow.ends.desc(), SilenceRow.id))]


def covering(silences: Iterable[Silence], alert: Alert) -> Silence | None:
    """The first of them that covers the alert."""
    return next((silence for silence in silences if silence.covers(alert)), None)


def silence_view(row: SilenceRow) -> Silence:
    return Silence(**{name: getattr(row, name) for name in Silence.__struct_fields__})


def scope(silence: Silence) -> str:
    """
    >>> scope(Silence(rule="smog", district="north", begins=0, ends=1, by="a", because="b"))
    'rule smog, district north'
    """
    parts = ((name, getattr(silence, name)) for name in ("rule", "sensor", "district", "department"))
    return ", ".join(f"{name} {word}" for name, word in parts if word)


def _line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
