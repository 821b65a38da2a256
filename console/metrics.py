"""The state of the city in Prometheus' text format, from the parts' figures and the alert desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.stats import PartStats, PartStatus

Labels = Mapping[str, str]
TYPE = "text/plain; version=0.0.4; charset=utf-8"


# name, kind, help, part, key in its figures
_FIGURES = (
    ("readings_received_total", "counter", "Readings the bridge has taken.", "ingest", "readings"),
    ("readings_judged_total", "counter", "Readings the rules have seen.", "judge", "readings"),
    ("readings_late_total", "counter", "Readings after their window's end.", "judge", "late"),
    ("findings_total", "counter", "Findings of the judge.", "judge", "findings"),
    ("readings_recorded_total", "counter", "Readings that record has dealt with.", "record", "readings"),
    ("readings_stored_total", "counter", "Distinct readings in the store.", "record", "stored"),
    ("readings_repeated_total", "counter", "Readings seen before.", "record", "repeats"),
    ("readings_conflicting_total", "counter", "Readings stored with another value.", "record", "conflicts"),
)


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples. `kind` is counter or gauge."""

    name: str
    kind: str
    help: str
    samples: Sequence[tuple[Labels, float]]


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def exposition(families: Iterable[Family]) -> str:
    """The families that have samples, as text.

    >>> print(exposition([Family("up", "gauge", "Runs.", [({"part": 'a"b'}, 1.0)])]), end="")
    # HELP up Runs.
    # TYPE up gauge
    up{part="a\\\\"b"} 1
    """
    lines = []
    for family in families:
        if not family.samples:
            continue
        lines.append(f"# HELP {family.name} {family.help}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        for labels, value in family.samples:
            inside = ",".join(f'{name}="{_escape(text)}"' for name, text in labels.items())
            lines.append(f"{family.name}{{{inside}}} {value:.15g}" if inside else f"{family.name} {value:.15g}")
    return "\n".join(lines) + "\n"


def families(
    stats: Mapping[str, PartStats],
    status: Sequence[PartStatus],
    alerts: Mapping[str, int],
    deliveries: Mapping[str, int],
    now: int,
) -> list[Family]:
    """Everything that is known at this moment; `now` is wall ms."""
    figures = [
        Family(f"urbanpulse_{name}", kind, words, _figure(stats, part, key))
        for name, kind, words, part, key in _FIGURES
    ]
    refused = _table(stats, "ingest", "refused", "code")
    by_state = [({"state": state}, float(n)) for state, n in sorted(alerts.items())]
    by_outcome = [({"outcome": outcome}, float(n)) for outcome, n in sorted(deliveries.items())]
    up = [({"part": part.name}, float(part.state == "running")) for part in status]
    restarts = [({"part": part.name}, float(part.restarts)) for part in status]
    silence = [({"part": part.name}, max(0, now - part.at) / 1000) for part in stats.values()]
    return [
        *figures,
        Family("urbanpulse_refused_total", "counter", "Messages and values refused, by reason.", refused),
        Family("urbanpulse_waiting", "gauge", "Taken, not yet dealt with by the part.", _waiting(stats)),
        Family("urbanpulse_alerts", "gauge", "Alerts by state.", by_state),
        Family("urbanpulse_deliveries", "gauge", "Messages to departments by outcome.", by_outcome),
        Family("urbanpulse_latency_milliseconds", "gauge", "From receipt, since start.", _latencies(stats)),
        Family("urbanpulse_part_up", "gauge", "1 while the part runs.", up),
        Family("urbanpulse_part_restarts_total", "counter", "Restarts by the supervisor.", restarts),
        Family("urbanpulse_part_silence_seconds", "gauge", "Age of the part's last figures.", silence),
    ]


def _figure(stats: Mapping[str, PartStats], part: str, key: str) -> list[tuple[Labels, float]]:
    figure = stats[part].number(key) if part in stats else None
    return [] if figure is None else [({}, figure)]


def _table(stats: Mapping[str, PartStats], part: str, key: str, label: str) -> list[tuple[Labels, float]]:
    return [({label: name}, value) for name, value in sorted(stats[part].table(key).items())] if part in stats else []


def _waiting(stats: Mapping[str, PartStats]) -> list[tuple[Labels, float]]:
    found: list[tuple[Labels, float]] = []
    for part, key in (("ingest", "waiting"), ("judge", "lag"), ("record", "lag"), ("alerts", "waiting")):
        figure = stats[part].number(key) if part in stats else None
        if figure is not None:
            found.append(({"part": part}, figure))
    return found


def _latencies(stats: Mapping[str, PartStats]) -> list[tuple[Labels, float]]:
    found: list[tuple[Labels, float]] = []
    for part, stage in (("record", "stored"), ("alerts", "webhook")):
        for name, quantile in (("p50", "0.5"), ("p99", "0.99")):
            figure = stats[part].number("latency_ms", name) if part in stats else None
            if figure is not None:
                found.append(({"stage": stage, "quantile": quantile}, figure))
    return found
