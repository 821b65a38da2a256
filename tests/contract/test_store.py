"""What every time-series store must do, asked of each of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rules.secret import Secret
from streams.stores import open_store
from streams.stores.port import Batch, Bucket, Counts, Latest, StaleBatchError, TimeSeriesStore
from tests.support.frames import START, frame
from tests.support.servers import Influx, running

Open = Callable[[], TimeSeriesStore]
A, B = "air-01", "noise-02"


@pytest.fixture(scope="module")
def influx() -> Iterator[Influx]:
    with running(Influx) as server:
        assert isinstance(server, Influx)
        yield server


@pytest.fixture(params=["sqlite", pytest.param("influx", marks=pytest.mark.connected)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same empty store as often as asked."""
    stores: list[TimeSeriesStore] = []
    if request.param == "sqlite":
        url, secret = f"sqlite:///{tmp_path}/series.db", None
    else:
        server: Influx = request.getfixturevalue("influx")
        server.query(f'DROP DATABASE "{server.BUCKET}"')
        server.query(f'CREATE DATABASE "{server.BUCKET}"')
        url, secret = server.store_url, Secret(server.TOKEN)

    def open_again() -> TimeSeriesStore:
        stores.append(open_store(url, secret))
        stores[-1].positions()
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


def batch(first: int, *readings: tuple[str, str, int, float], partition: int = 0, bad: int = 0) -> Batch:
    """One frame and `bad` records that were none."""
    return Batch(partition, first, first + 1 + bad, [frame(readings)], bad)


def put(store: TimeSeriesStore, *batches: Batch) -> None:
    assert store.write(batches) is None
    store.settle()


def everything(store: TimeSeriesStore) -> list[tuple[str, str, int, float]]:
    return sorted(store.scan(0, 1 << 45))


def test_an_empty_store_has_nothing(opener: Open) -> None:
    store = opener()
    assert store.positions() == {}
    assert store.latest() == [] and store.range(A, "pm25", 0, START) == [] and everything(store) == []


def test_what_is_written_is_read_back_exactly(opener: Open) -> None:
    store = opener()
    values = [0.1 + 0.2, 1e-7, 0.0, -12.25, 123456789.123456789, 1e12]
    put(store, batch(0, *((A, "pm25", START + i, value) for i, value in enumerate(values)), (B, "noise", START, 55.0)))
    reader = opener()
    assert [bucket.value for bucket in reader.range(A, "pm25", START, START + 100)] == values
    assert everything(reader) == [
        *((A, "pm25", START + i, value) for i, value in enumerate(values)),
        (B, "noise", START, 55.0),
    ]
    assert reader.range(A, "pm25", START + 1, START + 2) == [Bucket(START + 1, 1e-7, 1e-7, 1e-7, 1)]


def test_positions_and_counts_travel_with_the_readings(opener: Open) -> None:
    store = opener()
    put(store, batch(0, (A, "pm25", START, 1.0), bad=2), batch(0, partition=3))
    put(store, batch(0, (A, "aqi_cn", START, 51.0), partition=-1), batch(0, partition=-4))
    put(store, batch(3, (A, "pm25", START + 1, 2.0)))
    positions = opener().positions()
    ends = {p: (s.next, s.until) for p, s in positions.items()}
    assert ends == {0: (4, None), 3: (1, None), -1: (1, None), -4: (1, None)}
    assert positions[-1].counts == Counts(readings=1, stored=1)
    assert positions[0].counts == Counts(readings=2, stored=2, bad_frames=2)
    assert positions[3].counts == Counts()


def test_first_wins(opener: Open) -> None:
    store = opener()
    put(store, batch(0, (A, "pm25", START, 1.0), (A, "pm25", START, 1.0), (A, "pm25", START, 2.0)))
    put(store, batch(1, (A, "pm25", START, 1.0), (A, "pm25", START, 3.0), (A, "pm10", START, 3.0)))
    assert opener().positions()[0].counts == Counts(readings=6, stored=2, repeats=2, conflicts=2)
    assert everything(store) == [(A, "pm10", START, 3.0), (A, "pm25", START, 1.0)]


def test_late_readings_are_stored_and_do_not_become_the_latest(opener: Open) -> None:
    store = opener()
    put(store, batch(0, (A, "pm25", START, 1.0)))
    day = 86_400_000
    put(store, batch(1, (A, "pm25", START - day, 2.0), (A, "pm25", START - day, 2.0), (A, "pm25", START - 5, 4.0)))
    assert opener().positions()[0].counts == Counts(readings=4, stored=3, repeats=1)
    assert store.latest(A) == [Latest(A, "pm25", START, 1.0)]
    assert [b.ts for b in store.range(A, "pm25", 0, START + 1)] == [START - day, START - 5, START]


def test_what_another_process_stored_is_known_after_positions(opener: Open) -> None:
    put(opener(), batch(0, (A, "pm25", START, 1.0), (A, "pm25", START + 60_000, 2.0)))
    second = opener()
    put(second, batch(1, (A, "pm25", START, 1.0), (A, "pm25", START + 60_000, 9.0), (A, "pm25", START + 30_000, 3.0)))
    assert second.positions()[0].counts == Counts(readings=5, stored=3, repeats=1, conflicts=1)


def test_a_batch_that_does_not_fit_is_refused_whole(opener: Open) -> None:
    store = opener()
    put(store, batch(0, (A, "pm25", START, 1.0)))
    for wrong in (batch(0, (A, "pm25", START + 1, 1.0)), batch(2, (A, "pm25", START + 1, 1.0))):
        with pytest.raises(StaleBatchError):
            store.write([wrong])
    assert len(everything(store)) == 1


def test_a_gap_of_the_log_moves_the_position_and_keeps_the_counts(opener: Open) -> None:
    store = opener()
    put(store, batch(0, (A, "pm25", START, 1.0)))
    store.skip(0, 50)
    store.skip(0, 20)
    store.skip(7, 5)
    positions = opener().positions()
    assert positions[0].next == 50 and positions[0].counts == Counts(readings=1, stored=1)
    assert positions[7].next == 5
    put(store, batch(50, (A, "pm25", START + 1, 1.0)))


def test_latest_of_a_sensor_and_of_all(opener: Open) -> None:
    store = opener()
    put(store, batch(0, (A, "pm25", START, 1.0), (A, "pm10", START + 5, 2.0), (B, "noise", START, 3.0)))
    put(store, batch(1, (A, "pm25", START + 10, 4.0)))
    assert store.latest(A) == [Latest(A, "pm10", START + 5, 2.0), Latest(A, "pm25", START + 10, 4.0)]
    assert store.latest() == [*store.latest(A), Latest(B, "noise", START, 3.0)]
    assert store.latest("nobody") == [] and store.latest("x' OR 1=1") == []


def test_a_range_in_buckets(opener: Open) -> None:
    store = opener()
    base = START // 60_000 * 60_000
    put(
        store,
        batch(0, *((A, "pm25", base + i * 10_000, float(i)) for i in range(12)), (A, "pm25", base + 300_000, 7.0)),
    )
    assert store.range(A, "pm25", base, base + 600_000, step=60_000) == [
        Bucket(base, 2.5, 0.0, 5.0, 6),
        Bucket(base + 60_000, 8.5, 6.0, 11.0, 6),
        Bucket(base + 300_000, 7.0, 7.0, 7.0, 1),
    ]
    with pytest.raises(ValueError, match="step"):
        store.range(A, "pm25", base, base + 1, step=0)


def test_scan_gives_each_reading_once(opener: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.stores.influx.PAGE", 7)
    store = opener()
    readings = [(f"s-{i}", metric, START + i // 20, i / 7) for metric in ("pm25", "noise") for i in range(50)]
    put(store, batch(0, *readings))
    assert everything(store) == sorted(readings)
    assert sorted(store.scan(START + 1, START + 2)) == sorted(r for r in readings if r[2] == START + 1)


def test_close_twice(opener: Open) -> None:
    store = opener()
    store.close()
    store.close()
