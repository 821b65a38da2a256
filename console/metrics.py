"""The state of the city in Prometheus' text format, from the parts' figures and the alert desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.ports import StoredCounts
from console.pulse import trouble
from console.stats import PartStats, PartStatus

Labels = Mapping[str, str]
TYPE = "text/plain; version=0.0.4; charset=utf-8"


# name, kind, help, part, key in its figures. Counters of a part begin anew when it is started again.
_FIGURES = (
    ("messages_received_total", "counter", "MQTT messages the bridge has taken.", "ingest", "messages"),
    ("readings_received_total", "counter", "Readings the bridge has taken.", "ingest", "readings"),
    ("ticks_total", "counter", "Ticks the bridge has written.", "ingest", "ticks"),
    ("bridge_held_bytes", "gauge", "Bytes in the hands of the bridge.", "ingest", "held_bytes"),
    ("readings_judged_total", "counter", "Readings the rules have seen.", "judge", "readings"),
    ("findings_total", "counter", "Findings of the judge.", "judge", "findings"),
    ("summaries_judged_total", "counter", "Summaries that the rules on areas have seen.", "judge", "summaries"),
    ("area_events_total", "counter", "Events of sensors told to the rules on areas.", "judge", "events"),
    ("area_behind_milliseconds", "gauge", "Clock of the rules on areas behind the log's.", "judge", "area_behind_ms"),
    ("judge_state_bytes", "gauge", "Size of the judge's state, of both stages.", "judge", "state_bytes"),
    ("readings_recorded_total", "counter", "Readings that record has dealt with.", "record", "readings"),
)
# part, key: what it has not dealt with yet
_WAITING = (
    ("ingest", "unacked", "messages"),
    ("judge", "lag", "records"),
    ("judge", "area_lag", "summaries"),
    ("record", "lag", "records"),
    ("alerts", "waiting", "deliveries"),
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
    silences: int | None,
    stored: Iterable[StoredCounts],
    answers: Mapping[str, bool],
    now: int,
) -> list[Family]:
    """Everything that is known at this moment; `silences`: how many have not ended; `stored` are the store's counts by
    partition, `answers` says whether store and desk do, `now` is wall ms."""
    figures = [
        Family(f"urbanpulse_{name}", kind, words, _figure(stats, part, key))
        for name, kind, words, part, key in _FIGURES
    ]
    backends = [({"name": name}, float(yes)) for name, yes in answers.items()]
    refused = [
        ({**own, "code": code}, count)
        for own, part in _parts(stats, "ingest")
        for code, count in sorted(part.table("refused").items())
    ]
    by_change = [
        ({**own, "change": change}, count)
        for own, part in _parts(stats, "judge")
        for change, count in sorted(part.table("findings_by_change").items())
    ]
    by_state = [({"state": state}, float(n)) for state, n in sorted(alerts.items())]
    by_outcome = [({"outcome": outcome}, float(n)) for outcome, n in sorted(deliveries.items())]
    hushed: list[tuple[Labels, float]] = [] if silences is None else [({}, float(silences))]
    up = [({"part": part.name}, float(part.state == "running")) for part in status]
    content = [({"part": part.name}, float(not trouble(part))) for part in stats.values()]
    restarts = [({"part": part.name}, float(part.restarts)) for part in status]
    silence = [({"part": part.name}, max(0, now - part.at) / 1000) for part in stats.values()]
    return [
        *figures,
        Family("urbanpulse_refused_total", "counter", "Messages and values refused, by reason.", refused),
        Family("urbanpulse_findings_by_change_total", "counter", "Findings of the judge, by what changed.", by_change),
        Family("urbanpulse_log_readings", "gauge", "Readings in the log before the store's position.", _log(stored)),
        Family("urbanpulse_waiting", "gauge", "What the part has not dealt with yet.", _waiting(stats)),
        Family("urbanpulse_backend_up", "gauge", "1 when it answered this question.", backends),
        Family("urbanpulse_alerts", "gauge", "Alerts by state.", by_state),
        Family("urbanpulse_deliveries", "gauge", "Messages to departments by outcome.", by_outcome),
        Family("urbanpulse_silences", "gauge", "Silences that have not ended.", hushed),
        Family("urbanpulse_latency_milliseconds", "gauge", "From receipt, since start.", _latencies(stats)),
        Family("urbanpulse_part_up", "gauge", "1 while the part runs.", up),
        Family("urbanpulse_part_content", "gauge", "0 while the part says that something is wrong.", content),
        Family("urbanpulse_part_restarts_total", "counter", "Restarts by the supervisor.", restarts),
        Family("urbanpulse_part_silence_seconds", "gauge", "Age of the part's last figures.", silence),
    ]


def _parts(stats: Mapping[str, PartStats], kind: str) -> list[tuple[dict[str, str], PartStats]]:
    """The parts of a kind; the label tells several of them apart."""
    found = [part for part in stats.values() if part.is_a(kind)]
    return [({"part": part.name} if part.name != kind else {}, part) for part in found]


def _figure(stats: Mapping[str, PartStats], kind: str, key: str) -> list[tuple[Labels, float]]:
    figures = [(own, part.number(key)) for own, part in _parts(stats, kind)]
    return [(own, figure) for own, figure in figures if figure is not None]


def _waiting(stats: Mapping[str, PartStats]) -> list[tuple[Labels, float]]:
    found: list[tuple[Labels, float]] = []
    for kind, key, what in _WAITING:
        for _, part in _parts(stats, kind):
            figure = part.number(key)
            if figure is not None:
                found.append(({"part": part.name, "what": what}, figure))
    return found


def _log(stored: Iterable[StoredCounts]) -> list[tuple[Labels, float]]:
    """What became of the readings: together they are all that the log held, whatever was killed meanwhile."""
    counts = list(stored)
    outcomes = ("stored", "repeats", "conflicts", "rejected")
    return (
        [({"outcome": name}, float(sum(getattr(one, name) for one in counts))) for name in outcomes] if counts else []
    )


def _latencies(stats: Mapping[str, PartStats]) -> list[tuple[Labels, float]]:
    found: list[tuple[Labels, float]] = []
    for part, stage in (("record", "stored"), ("alerts", "webhook")):
        for name, quantile in (("p50", "0.5"), ("p99", "0.99")):
            figure = stats[part].number("latency_ms", name) if part in stats else None
            if figure is not None:
                found.append(({"stage": stage, "quantile": quantile}, figure))
    return found
