"""A record on the topic of findings is a finding that the desk can keep, or it is poison."""

import msgspec

from alerts.tables import NAME
from rules.finding import Finding, decode

VERSION = 1
LATEST = 253_402_300_799_999
"""The end of the year 9999, ms: the last instant that RFC 3339 can write."""

_REVISIONS, _OFFSETS = 2**31, 2**63
_TEXT = 20_000
_DEPARTMENTS = 64
_REASON = 500
_SENSORS = 200


class PoisonError(ValueError):
    """Not a finding; the text says why."""


def read_finding(value: bytes | None) -> Finding:
    """The finding in a record. Raises PoisonError for everything that the desk could not keep, so that nothing
    written by another program can stop the records behind it."""
    if value is None:
        raise PoisonError("the record has no value")
    try:
        finding = decode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise PoisonError(f"not a finding: {error}") from None
    _check(finding)
    return finding


def _check(finding: Finding) -> None:
    if finding.v != VERSION:
        raise PoisonError(f"version {finding.v} of a finding, this program knows {VERSION}")
    names = ("episode", "rule", "rule_hash", "kind", "sensor", "metric", "district", "severity", "was", "unit")
    for name in names:
        _check_text(name, getattr(finding, name), NAME)
    for department in finding.departments:
        _check_text("departments", department, NAME)
    _check_text("text", finding.text, _TEXT)
    if not finding.episode or not finding.departments or len(finding.departments) > _DEPARTMENTS:
        raise PoisonError(f"a finding has an episode and 1 to {_DEPARTMENTS} departments")
    if not 1 <= finding.revision < _REVISIONS:
        raise PoisonError(f"revision {finding.revision}")
    seen = (*(each.ts for each in finding.evidence.seen), *_check_area(finding))
    times = (finding.at, finding.onset, finding.wall, *seen)
    if not all(0 <= time <= LATEST for time in times):
        raise PoisonError("a time before 1970 or after 9999")
    evidence = finding.evidence
    numbers = (evidence.first, evidence.last, evidence.count, *(seen.offset for seen in evidence.seen))
    if not all(-_OFFSETS <= number < _OFFSETS for number in numbers):
        raise PoisonError("an offset that does not fit 64 bits")


def _check_area(finding: Finding) -> list[int]:
    """Gives the times in it, which remain to be checked."""
    area = finding.area
    if area is None:
        if not finding.sensor:
            raise PoisonError("a finding is of a sensor or of an area")
        return []
    _check_text("area", area.name, NAME)
    if not area.name or len(area.members) > _SENSORS or len(area.left_out) > _SENSORS:
        raise PoisonError(f"an area has a name and names {_SENSORS} sensors at most")
    for sensor, reason in area.left_out:
        _check_text("a sensor that is left out", sensor, NAME)
        _check_text("its reason", reason, _REASON)
    for member, severity, _, _ in area.members:
        _check_text("a member", member, NAME)
        _check_text("its severity", severity, NAME)
    if not all(0 <= number < _REVISIONS for number in (area.count, area.of, area.more)):
        raise PoisonError("a number of sensors that nobody has")
    return [ts for *_, ts in area.members]


def _check_text(name: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise PoisonError(f"{name} is longer than {longest} characters")
    if "\0" in text:  # PostgreSQL keeps no such text
        raise PoisonError(f"{name} holds a NUL character")
