"""What a department receives: the body of a webhook (docs/departments.md), the same bytes however often it is sent."""

from datetime import UTC, datetime, timedelta

import msgspec

from alerts.alert import Alert
from rules.finding import AreaFacts, Finding

LIMIT = 20_000
"""Standard Webhooks asks for bodies under 20 kB."""

SEEN, TEXT, SENSORS = 20, 2_000, 50
"""The most values of the evidence, characters of the text, and sensors of an area, that a body carries."""

TYPES = {
    "fired": "alert.fired",
    "changed": "alert.changed",
    "undecided": "alert.changed",
    "cleared": "alert.cleared",
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
        encoded = msgspec.json.encode(whole)
    return encoded
