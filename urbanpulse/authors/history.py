"""History for authors: readings of a store, or of recorded files read through a map, in the order of time."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from pathlib import Path

from ingest.device import Device
from rules.faults import Fault, FaultsError
from rules.registry import parse_registry
from rules.secret import Secret
from rules.sensor import Sensor
from simulators.mapfile import Map, load_map
from simulators.recorded import registry_rows, values
from streams.stores import open_store
from streams.stores.port import StoreError, TimeSeriesStore
from urbanpulse.authors.memory_log import Reading
from urbanpulse.recorded import find_map
from urbanpulse.trouble import TroubleError

FOREVER = (1 << 44) - 1
BLOCK = 20_000
"""Readings that are put in order at a time."""


@dataclass(frozen=True)
class History:
    """`sensors`: those that the data bring along, beside the city's; `total`: how many readings, if that is known;
    `speakers`: the sensors that a store has readings of."""

    readings: Iterator[Reading]
    sensors: Mapping[str, Sensor]
    total: int | None = None
    speakers: frozenset[str] = frozenset()

    def strangers(self, registry: Collection[str]) -> list[str]:
        """Sensors of the store that the registry lacks: no rule judges them."""
        return sorted(self.speakers.difference(registry))


def open_history(data: Sequence[str], map_name: str, start: int, end: int, secret: Secret | None = None) -> History:
    """The readings with start <= ts < end (ms) of one store's url, or of files. Raises TroubleError, FaultsError."""
    urls = [each for each in data if "://" in each]
    if urls and len(data) > 1:
        raise TroubleError("--data takes one store, or files, not both")
    if not data:
        raise TroubleError("name the history: --data with a store's url or a recorded file")
    if urls:
        if map_name:
            raise TroubleError("--map is for recorded files: a store knows its sensors")
        return _of_store(urls[0], secret, start, end)
    if not map_name:
        raise TroubleError("recorded files need --map: how their columns become sensors")
    map_, faults = load_map(find_map(map_name).read_text(encoding="utf-8"), map_name)
    if map_ is None:
        raise FaultsError(faults)
    return of_files(map_, [Path(each) for each in data], start, end)


def of_files(map_: Map, files: Sequence[Path], start: int, end: int) -> History:
    """Recorded files, scaled to canonical units; what no such value can be is left out, as the bridge refuses it.
    Raises FaultsError."""
    sensors, faults = parse_registry(registry_rows(map_, files), "the recorded files")
    if faults:
        raise FaultsError(faults)

    def readings() -> Iterator[Reading]:
        scales = {sensor.id: Device(sensor).scales for sensor in sensors.values()}
        for ts, sensor, said in values(map_, files, start, end):
            known = scales[sensor]
            for metric, raw in said.items():
                scale = known[metric]
                value = scale.canonical(raw, ts)
                if scale.lowest <= value <= scale.highest:
                    yield ts, sensor, metric, value

    return History(readings(), sensors)


def _of_store(url: str, secret: Secret | None, start: int, end: int) -> History:
    path = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
    if path and not Path(path).is_file():
        raise TroubleError(f"there is no store at {url}")
    try:
        store = open_store(url, secret)
    except ValueError as error:
        raise TroubleError(str(error)) from None
    try:
        return of_store(store, start, end)
    except StoreError as error:
        raise TroubleError(f"the store at {url} does not answer: {error}") from None
    finally:
        store.close()


def of_store(store: TimeSeriesStore, start: int, end: int) -> History:
    """The store's readings, taken into memory at 16 bytes each. Raises StoreError."""
    series: dict[tuple[str, str], tuple[array[int], array[float]]] = {}
    for sensor, metric, ts, value in store.scan(start, end):
        found = series.get((sensor, metric))
        if found is None:
            found = series[sensor, metric] = array("q"), array("d")
        found[0].append(ts)
        found[1].append(value)
    for key, (times, numbers) in series.items():
        ordered = sorted(times)
        if ordered != times.tolist():
            pairs = sorted(zip(times, numbers, strict=True))
            series[key] = array("q", (ts for ts, _ in pairs)), array("d", (value for _, value in pairs))
    total = sum(len(times) for times, _ in series.values())
    return History(_merged(series), {}, total, frozenset(sensor for sensor, _ in series))


def _merged(series: Mapping[tuple[str, str], tuple["array[int]", "array[float]"]]) -> Iterator[Reading]:
    """All series as one, block by block of time: sorting short runs costs less than a heap of all series."""
    total = sum(len(times) for times, _ in series.values())
    if not total:
        return
    first = min(times[0] for times, _ in series.values())
    last = max(times[-1] for times, _ in series.values())
    length = max(1, (last - first + 1) * BLOCK // total)
    places = [0] * len(series)
    columns = [(sensor, metric, *both) for (sensor, metric), both in sorted(series.items())]
    for start in range(first, last + 1, length):
        block: list[Reading] = []
        for index, (sensor, metric, times, numbers) in enumerate(columns):
            begin = places[index]
            if begin < len(times) and times[begin] < start + length:
                places[index] = until = bisect_left(times, start + length, begin)
                block.extend(
                    zip(times[begin:until], repeat(sensor), repeat(metric), numbers[begin:until], strict=False)
                )
        block.sort(key=itemgetter(0))
        yield from block


def known_sensors(city: Mapping[str, Sensor], recorded: Mapping[str, Sensor]) -> dict[str, Sensor]:
    """The city's sensors and those that the data bring. Raises FaultsError for one that is both, in different words:
    whose rules it is under would be a guess."""
    for name in sorted(city.keys() & recorded.keys()):
        mine, theirs = city[name], recorded[name]
        if (mine.kind, mine.district, mine.department) != (theirs.kind, theirs.district, theirs.department):
            message = f"the recorded data has a sensor {name!r}, and so has the city, with other properties"
            raise FaultsError([Fault("sensors.csv", mine.line, "id", message, "rename one of them")])
    return {**recorded, **city}
