"""What a department receives: the body of a webhook (docs/departments.md), the same bytes however often it is sent."""

from datetime import UTC, datetime, timedelta

import msgspec

from alerts.alert import Alert
from rules.finding import AreaFacts, Course, Finding

LIMIT = 20_000
"""Standard Webhooks asks for bodies under 20 kB."""

SEEN, TEXT, SENSORS, STEPS = 20, 2_000, 50, 20
"""The most values of the evidence, characters of the text, sensors of an area, and severities of a course, that a body
carries."""

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


def area_of(area: AreaFacts, most: int = SENSORS, reason: int = 100) -> dict[str, object]:
    """What is so of an area: at most `most` of its sensors, and so many characters of a reason."""
    return {
        "name": area.name,
        "count": area.count,
        "of": area.of,
        "left_out": [{"sensor": sensor, "reason": why[:reason]} for sensor, why in area.left_out[:most]],
        "more": area.more + max(0, len(area.left_out) - most),
        "members": [
            {"sensor": sensor, "severity": severity, "value": value, "at": instant(ts)}
            for sensor, severity, value, ts in area.members[:most]
        ],
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
        "reason": finding.reason[:TEXT],
        "onset": instant(finding.onset),
        "at": instant(finding.at),
        "lasted": finding.lasted,
        "episode": finding.episode,
        "evidence": evidence_of(finding),
        **({"area": area_of(finding.area)} if finding.area is not None else {}),
    }
    if finding.before is not None:
        data |= {"before": course_of(finding.before), "after": course_of(finding.after)}
    whole = {"type": TYPES[finding.change], "timestamp": instant(finding.at), "data": data}
    encoded = msgspec.json.encode(whole)
    if len(encoded) >= LIMIT:  # a text of escapes: every character of it takes six bytes
        data |= {
            "text": finding.text[: TEXT // 10],
            "reason": finding.reason[: TEXT // 10],
            "evidence": evidence_of(finding, 1),
        }
        if finding.area is not None:
            data["area"] = area_of(finding.area, SENSORS // 10, 20)
        if finding.before is not None:
            data |= {"before": course_of(finding.before, 2), "after": course_of(finding.after, 2)}
        encoded = msgspec.json.encode(whole)
    return encoded
