"""/healthz, /metrics and the figures they are made of."""

import json
import os
import re
import threading
from pathlib import Path

import pytest

from console.health import faults
from console.ports import Silence
from console.pulse import SILENT, PulseReader
from console.stats import read_stats, read_status
from streams.stores.port import StoreAwayError
from tests.support.console_app import client, console
from tests.support.console_twins import NOON, Counts, MemoryDesk, MemoryStore, Progress, alert_file

pytestmark = pytest.mark.anyio


def write(folder: Path, part: str, values: object, at: int = NOON) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{part}.json").write_text(json.dumps(values))
    os.utime(folder / f"{part}.json", (at / 1000, at / 1000))


def supervise(file: Path, **states: str) -> Path:
    parts = [{"name": name, "pid": 1, "state": state, "restarts": 2} for name, state in states.items()]
    file.write_text(json.dumps({"parts": parts}))
    return file


async def health(
    desk: MemoryDesk, store: MemoryStore, stats: Path | None = None, status: Path | None = None
) -> tuple[int, list[str]]:
    async with client(console(desk, store, stats_dir=stats, status_file=status)) as http:
        answer = await http.get("/healthz")
    return answer.status_code, answer.json()["reasons"]


async def test_all_is_well_when_store_desk_and_parts_answer(tmp_path: Path) -> None:
    write(tmp_path / "stats", "record", {"readings": 1})
    status = supervise(tmp_path / "status.json", record="running", simulator="ended")
    assert await health(MemoryDesk(), MemoryStore(), tmp_path / "stats", status) == (200, [])


async def test_each_thing_that_is_wrong_is_named_and_no_secret_with_it(tmp_path: Path) -> None:
    write(tmp_path / "stats", "judge", {}, at=NOON - SILENT - 5000)
    status = supervise(tmp_path / "status.json", record="restarting", judge="running", simulator="failed")
    desk, store = MemoryDesk(broken=RuntimeError("token=abc")), MemoryStore(broken=OSError("/data/x.db"))
    code, reasons = await health(desk, store, tmp_path / "stats", status)
    assert code == 503
    assert reasons == [
        "the store does not answer (OSError)",
        "the alert desk does not answer (RuntimeError)",
        "record: restarting",
        "judge: silent for 20 s",
    ]


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"health": "red", "why": "the store is away"}, "the store is away"),
        ({"health": "green", "why": ""}, ""),
        ({"mqtt": "away", "kafka": "up"}, "no connection to MQTT"),
        ({"mqtt": "up", "kafka": "away"}, "no connection to Kafka"),
        ({"kafka_away": True}, "no connection to Kafka"),
        ({"kafka_away": False, "mqtt": "up"}, ""),
    ],
)
def test_a_part_in_trouble_says_so_itself(tmp_path: Path, figures: dict[str, object], words: str) -> None:
    write(tmp_path / "stats", "record", figures)
    status = supervise(tmp_path / "status.json", record="running")
    (part,) = PulseReader(tmp_path / "stats", status, lambda: NOON).read().parts
    assert (part.state, part.trouble) == ("running", words)


async def test_a_store_that_hangs_is_not_waited_for() -> None:
    class Slow(MemoryStore):
        def latest(self, sensor: str | None = None) -> list[object]:  # type: ignore[override]
            assert answered.wait(30)
            return []

    answered = threading.Event()
    reasons = await faults(Slow(), MemoryDesk(), PulseReader(None, None, lambda: NOON), patience=0.05)
    assert reasons == ["the store did not answer within 0.05 s"] and not answered.is_set()
    answered.set()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"parts": 3}', '{"parts": [1, {"name": 2}]}', "[" * 100_000]
)
def test_a_half_written_or_strange_file_is_nobodys_fault(tmp_path: Path, content: str) -> None:
    (tmp_path / "record.json").write_text(content)
    assert read_status(tmp_path / "record.json") == []
    found = read_stats(tmp_path)
    assert all(one.number("readings") is None and one.table("refused") == {} for one in found.values())


def test_missing_files_are_no_figures(tmp_path: Path) -> None:
    assert read_stats(None) == read_stats(tmp_path / "none") == {}
    assert read_status(None) == read_status(tmp_path / "none") == []


def test_the_rate_is_taken_over_the_last_seconds_and_starts_anew_after_a_restart(tmp_path: Path) -> None:
    reader = PulseReader(tmp_path, None, lambda: NOON)
    rates = []
    for second, total in enumerate([0, 100, 200, 300, 0, 50]):
        write(tmp_path, "record", {"readings": total}, NOON + second * 1000)
        rates.append(reader.read().rate)
    assert rates == [None, 100.0, 100.0, 100.0, None, 50.0]


def test_the_rate_forgets_what_is_long_past(tmp_path: Path) -> None:
    reader = PulseReader(tmp_path, None, lambda: NOON)
    rate = None
    for second in range(40):
        write(tmp_path, "record", {"readings": min(second, 20) * 1000}, NOON + second * 1000)
        rate = reader.read().rate
    assert rate == 0.0


SAMPLE = re.compile(r'^[a-z_]+(\{[a-z_]+="[^"\\]*(\\.[^"\\]*)*"(,[a-z_]+="[^"\\]*(\\.[^"\\]*)*")*\})? -?[0-9.e+-]+$')


async def test_metrics_are_prometheus_text_with_what_the_parts_told(tmp_path: Path) -> None:
    stats = tmp_path / "stats"
    write(stats, "ingest", {"readings": 1200, "unacked": 7, "refused": {"not_json": 3, 'odd"\\\n': 1}})
    write(stats, "ingest-west", {"readings": 5, "mqtt": "away"})
    write(
        stats,
        "judge",
        {
            "readings": 1100,
            "findings": 9,
            "lag": 90,
            "area_lag": 4,
            "area_behind_ms": 1500,
            "events": 33,
            "findings_by_change": {"fired": 8, "withdrawn": 1},
        },
        NOON - 2000,
    )
    write(stats, "record", {"readings": 1000, "lag": 200, "latency_ms": {"p50": 12.5, "p99": 80}})
    store = MemoryStore(progress={0: Progress(Counts(990, 980, 8, 2)), 3: Progress(Counts(10, 10))})
    desk = MemoryDesk()
    desk.put(alert_file(0))
    desk.silenced.append(Silence(NOON + 1, "Ada", "a test", "smog-pm25", id=1))
    status = supervise(tmp_path / "status.json", record="running", judge="restarting")
    async with client(console(desk, store, stats_dir=stats, status_file=status)) as http:
        answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert all(line.startswith("# ") or SAMPLE.match(line) for line in lines), answer.text
    for line in (
        "urbanpulse_readings_received_total 1200",
        'urbanpulse_readings_received_total{part="ingest-west"} 5',
        'urbanpulse_log_readings{outcome="stored"} 990',
        'urbanpulse_log_readings{outcome="conflicts"} 2',
        'urbanpulse_part_content{part="ingest-west"} 0',
        'urbanpulse_findings_by_change_total{change="fired"} 8',
        'urbanpulse_findings_by_change_total{change="withdrawn"} 1',
        'urbanpulse_refused_total{code="not_json"} 3',
        'urbanpulse_refused_total{code="odd\\"\\\\\\n"} 1',
        'urbanpulse_waiting{part="ingest",what="messages"} 7',
        'urbanpulse_waiting{part="record",what="records"} 200',
        'urbanpulse_waiting{part="judge",what="records"} 90',
        'urbanpulse_waiting{part="judge",what="summaries"} 4',
        "urbanpulse_area_behind_milliseconds 1500",
        "urbanpulse_area_events_total 33",
        'urbanpulse_alerts{state="open"} 1',
        'urbanpulse_deliveries{outcome="sent"} 1',
        "urbanpulse_silences 1",
        'urbanpulse_latency_milliseconds{stage="stored",quantile="0.99"} 80',
        'urbanpulse_part_up{part="judge"} 0',
        'urbanpulse_part_restarts_total{part="record"} 2',
        'urbanpulse_part_silence_seconds{part="judge"} 2',
    ):
        assert line in lines, line
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


async def test_metrics_are_told_when_store_and_desk_are_away() -> None:
    desk, store = MemoryDesk(broken=RuntimeError()), MemoryStore(broken=StoreAwayError())
    async with client(console(desk, store)) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert 'urbanpulse_backend_up{name="store"} 0' in answer.text
    assert 'urbanpulse_backend_up{name="desk"} 0' in answer.text and "urbanpulse_alerts" not in answer.text


async def test_metrics_of_a_city_that_said_nothing_yet_hold_no_invented_zero() -> None:
    async with client(console()) as http:
        text = (await http.get("/metrics")).text
    assert "readings" not in text
