"""Findings and departments for the tests of alerts."""

from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from alerts.channels.log import LogConfig
from alerts.channels.webhook import WebhookConfig
from alerts.departments import Channel, Department
from alerts.secrets import SecretSource
from rules.finding import AreaFacts, Change, Evidence, Finding, Seen
from rules.identity import episode_id

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ONSET = 1_767_225_600_000


def finding(
    revision: int = 1,
    change: Change = "fired",
    severity: str = "red",
    was: str = "",
    *,
    sensor: str = "air-1",
    rule: str = "smog-pm25",
    departments: tuple[str, ...] = ("environment",),
    text: str = "Fine particles 260 ug/m3 at air-1, limit 250",
    onset: int = ONSET,
    wall: int = 0,
    value: float | None = 260.0,
) -> Finding:
    """Revision `revision` of the one episode of (rule, sensor, onset)."""
    at = onset + (revision - 1) * 60_000
    return Finding(
        v=1,
        episode=episode_id(rule, f"{sensor}/pm25", onset),
        revision=revision,
        change=change,
        rule=rule,
        rule_hash="0" * 32,
        kind="threshold",
        sensor=sensor,
        metric="pm25",
        district="north",
        departments=departments,
        severity="" if change == "cleared" else severity,
        was=was,
        at=at,
        onset=onset,
        unit="ug/m3",
        text=text,
        evidence=Evidence("readings", 0, 10, 10 + revision, (Seen(at, 260.0, 10 + revision),), 1),
        wall=wall,
        value=value,
        limit=250.0,
    )


def area_finding(revision: int = 1, change: Change = "fired", *, name: str = "north", members: int = 3) -> Finding:
    """Of a rule on an area: `members` of its sensors say so, two are left out."""
    made = finding(revision, change, sensor="", rule="smog-quorum", text=f"{members} of 9 stations in {name}")
    said = tuple((f"air-{n}", "orange", 160.0 + n, made.at - n) for n in range(members))
    left_out = (("air-8", "silent"), ("air-9", "maintained"))
    return replace(
        made,
        episode=episode_id("smog-quorum", f"{name}/pm25", made.onset),
        kind="quorum",
        value=float(members),
        limit=3.0,
        area=AreaFacts(name, members, 9, left_out, 0, said),
    )


def department(name: str = "environment", **channels: Channel) -> dict[str, Department]:
    return {name: Department(name, name, tuple(channels.values()))}


def webhook(
    url: str, endpoint: str = "environment/webhook", severities: tuple[str, ...] = (), env: str = "SECRET"
) -> Channel:
    return Channel(endpoint, "webhook", frozenset(severities), WebhookConfig(url, (SecretSource(env=env),)))


def log_channel(endpoint: str = "environment/log", severities: tuple[str, ...] = ()) -> Channel:
    return Channel(endpoint, "log", frozenset(severities), LogConfig())


ENVIRON: Mapping[str, str] = {"SECRET": SECRET}
HERE = Path()
