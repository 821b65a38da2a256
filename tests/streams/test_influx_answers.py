"""What each answer of InfluxDB 2.9.1 must lead to, against a recorder that gives these answers."""

import json
from collections.abc import Iterator

import pytest

from streams.stores import open_store
from streams.stores.influx import InfluxStore
from streams.stores.influx_text import Lines, lookups, name, progress_line, text
from streams.stores.port import Batch, Counts, StoreAwayError, StoreRefusesError
from tests.support.frames import START, frame
from tests.support.influx_recorder import Recorder, recording


@pytest.fixture
def server() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def store(server: Recorder) -> Iterator[InfluxStore]:
    store = open_store(server.url, "token")
    assert isinstance(store, InfluxStore)
    store.positions()
    yield store
    store.close()


READINGS = [("air-01", "pm25", START + i, float(i)) for i in range(10)]
LINES = [f"pm25,sensor=air-01 value={i}.0 {START + i}" for i in range(10)]


def batch(first: int = 0) -> Batch:
    return Batch(0, first, first + 1, [frame(READINGS)])


def standing(server: Recorder, which: int = -1) -> dict[str, object]:
    line = server.progress[which]
    state = line[line.index('state="') + 7 : line.rindex('"')].replace('\\"', '"')
    return dict(json.loads(state)["0"])


def test_the_lines_and_their_precision(server: Recorder, store: InfluxStore) -> None:
    assert store.write([batch()]) is None
    assert server.bodies() == ["\n".join(LINES)]
    for path, query, _ in server.requests:
        if path == "/api/v2/write":
            assert query == {"org": ["city"], "bucket": ["b"], "precision": ["ms"]}


def test_nothing_to_store_sends_no_empty_body(server: Recorder, store: InfluxStore) -> None:
    assert store.write([Batch(0, 0, 5, [], 2)]) is None
    store.settle()
    assert server.bodies() == []
    assert standing(server)["next"] == 5


def test_the_intent_is_written_before_the_readings(server: Recorder, store: InfluxStore) -> None:
    store.write([batch()])
    intent = standing(server, 0)
    assert (intent["next"], intent["until"]) == (0, 1)
    assert dict(intent["batch"])["stored"] == 10  # type: ignore[call-overload]
    writes = [body for path, _, body in server.requests if path == "/api/v2/write"]
    assert writes[0].startswith(b"urbanpulse-progress")
    store.settle()
    assert (standing(server)["next"], standing(server)["until"]) == (1, None)


@pytest.mark.parametrize("code", ["malformed", "conflicting"])
def test_bad_lines_are_found_and_the_rest_is_stored(server: Recorder, store: InfluxStore, code: str) -> None:
    """400 stores nothing of a body, 422 all the rest of it; the same search serves both."""
    getattr(server, code).update({LINES[3], LINES[8]})
    rejected = store.write([batch()])
    assert rejected is not None
    assert [(p.sensor, p.metric, p.ts, p.value) for p in rejected.points] == [READINGS[3], READINGS[8]]
    assert all(p.reason.startswith(("400", "422")) for p in rejected.points)
    assert set(server.stored) == set(LINES) - {LINES[3], LINES[8]}
    store.settle()
    counts = standing(server)["counts"]
    assert counts == {"readings": 10, "stored": 8, "repeats": 0, "conflicts": 0, "bad_frames": 0, "rejected": 2}


def test_a_body_that_is_too_large_is_halved(server: Recorder, store: InfluxStore) -> None:
    server.most_lines = 3
    assert store.write([batch()]) is None
    assert set(server.stored) == set(LINES)


@pytest.mark.parametrize("status", [401, 403, 404, 200, 302])
def test_a_configuration_fault_holds_everything(server: Recorder, store: InfluxStore, status: int) -> None:
    """200 and 302 too: only 204 says that readings are stored."""
    server.answers = [(status, False)]
    with pytest.raises(StoreRefusesError, match=str(status)):
        store.write([batch()])
    assert server.stored == {} and len(server.progress) == 1
    assert store.write([batch()]) is None
    assert set(server.stored) == set(LINES)


@pytest.mark.parametrize("status", [429, 500, 503, 0])
@pytest.mark.parametrize("stored", [False, True])
def test_an_unknown_outcome_is_sent_again_to_the_byte(
    server: Recorder, store: InfluxStore, status: int, stored: bool
) -> None:
    server.answers = [(status, stored)]
    with pytest.raises(StoreAwayError):
        store.write([batch()])
    assert store.write([batch()]) is None
    assert server.bodies() == ["\n".join(LINES)] * 2
    store.settle()
    assert dict(standing(server)["counts"])["stored"] == 10  # type: ignore[call-overload]


def test_only_what_was_not_answered_is_sent_again(
    server: Recorder, store: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.stores.influx.LINES", 4)
    server.answers = [(204, True), (503, False)]
    with pytest.raises(StoreAwayError):
        store.write([batch()])
    store.write([batch()])
    assert server.bodies() == ["\n".join(LINES[a:b]) for a, b in ((0, 4), (4, 8), (4, 8), (8, 10))]


def test_a_batch_begun_by_somebody_who_died_is_ended_and_its_counts_adopted(
    server: Recorder, store: InfluxStore
) -> None:
    server.answers = [(503, True)]
    with pytest.raises(StoreAwayError):
        store.write([batch()])
    line = server.progress[-1]
    state = line[line.index('state="') + 7 : line.rindex('"')].replace('\\"', '"')
    values = [[START, state]]
    server.query_answer = {"results": [{"series": [{"name": "urbanpulse-progress", "columns": ["time", "last"],
                                                    "tags": {"writer": "dead"}, "values": values}]}]}  # fmt: skip
    heir = open_store(server.url, "token")
    assert {p: (s.next, s.until) for p, s in heir.positions().items()} == {0: (0, 1)}
    known = [{"series": [{"name": "pm25", "tags": {"sensor": "air-01"}, "values": [[START + 9, 9.0]]}]}]
    server.query_answer = {"results": known}  # the newest is there, so every reading may be
    assert heir.write([batch()]) is None
    heir.settle()
    counts = standing(server)["counts"]
    assert counts == {"readings": 10, "stored": 10, "repeats": 0, "conflicts": 0, "bad_frames": 0, "rejected": 0}
    heir.close()


def test_no_server_is_away(server: Recorder) -> None:
    store = open_store("influx+http://127.0.0.1:9/?org=o&bucket=b", "t")
    with pytest.raises(StoreAwayError):
        store.positions()
    store.close()


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, {"results": [{"error": "boom"}]}, StoreAwayError),
        (200, {"results": [{"error": "database not found: b"}]}, StoreRefusesError),
        (200, {"error": "authorization failed, not found"}, StoreRefusesError),
        (200, {"results": [{"partial": True, "series": []}]}, StoreAwayError),
        (200, {"results": [{"series": [{"name": "pm25", "partial": True, "values": []}]}]}, StoreAwayError),
        (401, {}, StoreRefusesError),
        (503, {}, StoreAwayError),
    ],
)
def test_a_question_that_was_not_answered(
    server: Recorder, store: InfluxStore, status: int, answer: dict[str, object], error: type[Exception]
) -> None:
    server.query_status, server.query_answer = status, answer
    with pytest.raises(error):
        store.range("air-01", "pm25", 0, START)


def test_quoting() -> None:
    assert text("it's \\ 'x'") == "'it\\'s \\\\ \\'x\\''"
    assert name('a"b\\') == '"a\\"b\\\\"'
    assert progress_line("w", '{"a": "\\"}', 5) == 'urbanpulse-progress,writer=w state="{\\"a\\": \\"\\\\\\"}" 5'


def test_a_line_is_read_as_it_was_written() -> None:
    lines = Lines()
    for reading in [("a:b.c-1", "pm25", 0, 1e-9), ("x", "co", 1 << 42, -0.0), ("odd, = one", "no2", 7, 1e15)]:
        assert lines.read(lines.line(*reading)) == reading


def test_lookups_stay_narrow() -> None:
    keys = [("pm25", f"s-{i}", START + i) for i in range(250)] + [("pm25", "s-1", START - 86_400_000)]
    statements = list(lookups(keys))
    assert len(statements) == 4
    assert sum(statement.count('sensor" = ') for statement in statements) == 251
    assert f"time >= {START - 86_400_000}ms AND time < {START - 86_400_000 + 1}ms" in "".join(statements)


def test_counts_add_up() -> None:
    assert Counts(1, 2, 3, 4, 5, 6).plus(Counts(1, 1, 1, 1, 1, 1)) == Counts(2, 3, 4, 5, 6, 7)
