"""What a department receives: the body of a webhook (docs/departments.md), the same bytes however often it is sent."""

from datetime import UTC, datetime, timedelta

import msgspec

from alerts.alert import Alert
from rules.finding import Course, Finding

LIMIT = 20_000
"""Standard Webhooks asks for bodies under 20 kB."""

SEEN, TEXT, STEPS = 20, 2_000, 20
"""The most values of the evidence, characters of the text, and severities of a course, that a body carries."""

TYPES = {
    "fired": "alert.fired",
    "changed": "alert.changed",
    "undecided": "alert.changed",
    "cleared": "alert.cleared",
    "amended": "alert.amended",
    "withdrawn": "alert.withdrawn",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(ms: int) -> str:
    """RFC 3339 in UTC with milliseconds.

    >>> instant(1_767_225_600_000)
    '2026-01-01T00:00:00.000Z'
    """
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def message_id(alert: str, revision: int) -> str:
    """The header `webhook-id`: one revision of one alert. No dot, no control character: both parts are ours."""
    return f"{alert}-{revision}"


def evidence_of(finding: Finding, seen: int = SEEN) -> dict[str, object]:
    """Where in the log the decision stands, and the last `seen` values that it rests on."""
    evidence = finding.evidence
    last = evidence.seen[len(evidence.seen) - min(seen, len(evidence.seen)) :]
    return {
        "topic": evidence.topic,
        "partition": evidence.partition,
        "first": evidence.first,
        "last": evidence.last,
        "count": evidence.count,
        "seen": [{"at": instant(each.ts), "value": each.value, "offset": each.offset} for each in last],
    }


def course_of(course: Course | None, steps: int = STEPS) -> dict[str, object] | None:
    """How an episode went: its onset, and its newest severities (`steps` at most), each with the time since when."""
    if course is None:
        return None
    went = [{"at": instant(at), "severity": severity} for at, severity in course.steps[-steps:]]
    return {"onset": instant(course.onset), "steps": went}


def body(alert: Alert) -> bytes:
    """The JSON body that tells of the alert's latest finding: `type`, `timestamp` (when it happened) and `data`."""
    finding = alert.finding
    data: dict[str, object] = {
        "id": alert.id,
        "department": alert.department,
        "state": alert.state.value,
        "revision": finding.revision,
        "change": finding.change,
        "severity": finding.severity,
        "was": finding.was,
        "rule": finding.rule,
        "rule_hash": finding.rule_hash,
        "kind": finding.kind,
        "sensor": finding.sensor,
        "metric": finding.metric,
        "district": finding.district,
        "value": finding.value,
        "limit": finding.limit,
        "unit": finding.unit,
        "text": finding.text[:TEXT],
        "onset": instant(finding.onset),
        "at": instant(finding.at),
        "episode": finding.episode,
        "evidence": evidence_of(finding),
    }
    if finding.before is not None:
        data |= {"before": course_of(finding.before), "after": course_of(finding.after)}
    whole = {"type": TYPES[finding.change], "timestamp": instant(finding.at), "data": data}
    encoded = msgspec.json.encode(whole)
    if len(encoded) >= LIMIT:  # a text of escapes: every character of it takes six bytes
        data |= {"text": finding.text[: TEXT // 10], "evidence": evidence_of(finding, 1)}
        if finding.before is not None:
            data |= {"before": course_of(finding.before, 2), "after": course_of(finding.after, 2)}
        encoded = msgspec.json.encode(whole)
    return encoded
