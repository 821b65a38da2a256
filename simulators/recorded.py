"""Recorded files read through a map: their sensors as lines of sensors.csv, their values in the order of time."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import IO

from rules.faults import Fault, FaultsError, nearest
from rules.sensor import ID
from simulators.mapfile import PLACEHOLDER, Map, Value
from simulators.registry import COLUMNS

MOST_FAULTS = 20
"""Faults of one file after which the rest of it is not read."""

Said = tuple[int, str, dict[str, float]]
"""ts (ms), sensor, raw value by metric, in the unit that the map declares."""


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """A file's text, unpacked when its name ends in .gz. Raises FaultsError when it cannot be read."""
    try:
        open_text = gzip.open if path.suffix == ".gz" else open
        with open_text(path, "rt", encoding="utf-8-sig", newline="") as text:
            yield text
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise FaultsError([Fault(str(path), 0, "", f"cannot be read: {error}")]) from error


class _Clock:
    """The instants of one file's rows."""

    def __init__(self, map_: Map) -> None:
        self._map, self._time, self._zone = map_, map_.time, map_.zone
        self._last: dict[str, int] = {}
        self._start = 0
        if self._time.start is not None:
            self._start = _ms(self._time.start.replace(tzinfo=self._zone))

    def at(self, number: int, cells: dict[str, str], sensor: str) -> int:
        """ms of row `number` (from 0). Local times that come twice, when summer time ends, are told apart by the order
        of the sensor's rows. Raises ValueError."""
        time = self._time
        if time.start is not None:
            return self._start + number * time.every
        if time.column:
            moment = datetime.fromisoformat(cells[time.column].strip())
        else:
            parts = {part: int(cells[column]) for part, column in time.parts.items()}
            moment = datetime(**parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone follows
        if moment.tzinfo is not None:
            return _ms(moment)
        moment = moment.replace(tzinfo=self._zone)
        at = _ms(moment)
        if at <= self._last.get(sensor, -1):
            at = _ms(moment.replace(fold=1))
        self._last[sensor] = at
        return at


def _ms(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


@dataclass(frozen=True)
class _Reader:
    """Numbers from cells: a missing one is None. Raises ValueError for what is neither."""

    map: Map

    def number(self, cell: str, value: Value) -> float | None:
        text = cell.strip()
        if text in self.map.missing:
            return None
        if value.words:
            if text not in value.words:
                raise ValueError(f"{text[:32]!r} is none of the words of the map")
            return value.words[text]
        number = float(text)
        if number in self.map.missing_numbers:
            return None
        if number - number != 0.0:
            raise ValueError(f"{text[:32]!r} is not a finite number")
        return number


class RecordedFile:
    """One file read by one map."""

    def __init__(self, map_: Map, path: Path) -> None:
        self._map, self._path = map_, path
        self._stem = path.name.split(".", 1)[0]

    def rows(self) -> Iterator[Said]:
        """Everything in the file, row after row. Raises FaultsError after the end, or after MOST_FAULTS faults."""
        faults: list[Fault] = []
        with opened(self._path) as text:
            lines = csv.reader(text, delimiter=self._map.delimiter)
            header = next(lines, None) or []
            self._check_header(header)
            by_row = self._map.layout == "rows"
            sensors = [] if by_row else [self._name({"column": column}) for column in header]
            clock, reader, number = _Clock(self._map), _Reader(self._map), 0
            for cells in lines:
                if not cells:
                    continue
                line = lines.line_num
                if len(cells) != len(header):
                    message = f"{len(cells)} cells, the header has {len(header)}"
                    faults.append(Fault(str(self._path), line, "", message))
                elif by_row:
                    yield from self._row(clock, reader, number, dict(zip(header, cells, strict=True)), line, faults)
                else:
                    yield from self._wide(clock, reader, number, sensors, cells, line, faults)
                number += 1
                if len(faults) >= MOST_FAULTS:
                    break
        if faults:
            raise FaultsError(faults)

    def _check_header(self, header: list[str]) -> None:
        """Raises FaultsError when a column that the map names is not there, or stands there twice."""
        time, faults = self._map.time, []
        wanted = [*self._map.columns, *time.parts.values(), *([time.column] if time.column else [])]
        given = ("file",) if self._map.layout == "rows" else ("file", "column")
        wanted += [name for name in PLACEHOLDER.findall(self._map.sensor) if name not in given]
        for name in dict.fromkeys(wanted):
            if header.count(name) != 1:
                what = "there is no such column" if name not in header else "the column is there twice"
                faults.append(Fault(str(self._path), 1, name, what, nearest(name, header) if header else ""))
        if self._map.layout == "columns":
            faults += [
                Fault(str(self._path), 1, name, "cannot be a sensor's id, or is there twice")
                for name in dict.fromkeys(header)
                if not ID.fullmatch(self._name({"column": name})) or header.count(name) > 1
            ][:MOST_FAULTS]
        if not header:
            faults.append(Fault(str(self._path), 0, "", "the file is empty"))
        if faults:
            raise FaultsError(faults)

    def _name(self, cells: dict[str, str]) -> str:
        return PLACEHOLDER.sub(lambda m: self._stem if m[1] == "file" else cells[m[1]].strip(), self._map.sensor)

    def _row(
        self, clock: _Clock, reader: _Reader, number: int, cells: dict[str, str], line: int, faults: list[Fault]
    ) -> Iterator[Said]:
        sensor = self._name(cells)
        if not ID.fullmatch(sensor):
            faults.append(Fault(str(self._path), line, "", f"{sensor[:64]!r} cannot be a sensor's id"))
            return
        values: dict[str, float] = {}
        try:
            at = clock.at(number, cells, sensor)
        except (ValueError, OverflowError) as error:
            faults.append(Fault(str(self._path), line, "time", str(error)))
            return
        for column, value in self._map.columns.items():
            try:
                found = reader.number(cells[column], value)
            except ValueError as error:
                faults.append(Fault(str(self._path), line, column, str(error), "add what means no value to `missing`"))
                continue
            if found is not None:
                values[value.metric] = found
        yield at, sensor, values

    def _wide(
        self, clock: _Clock, reader: _Reader, number: int, sensors: list[str], row: list[str], line: int,
        faults: list[Fault],
    ) -> Iterator[Said]:  # fmt: skip
        value = self._map.value
        assert value is not None
        try:
            at = clock.at(number, {}, "")
        except (ValueError, OverflowError) as error:
            faults.append(Fault(str(self._path), line, "time", str(error)))
            return
        for sensor, cell in zip(sensors, row, strict=True):
            try:
                found = reader.number(cell, value)
            except ValueError as error:
                faults.append(Fault(str(self._path), line, sensor, str(error), "add what means no value to `missing`"))
                continue
            yield at, sensor, {} if found is None else {value.metric: found}

    def places(self) -> dict[str, tuple[float, float]]:
        """The places in the file that the map says may lie beside this one; none when it does not."""
        locations = self._map.locations
        if locations is None or not (path := self._path.with_name(locations.file)).exists():
            return {}
        found: dict[str, tuple[float, float]] = {}
        with opened(path) as text:
            for number, row in enumerate(csv.DictReader(text), start=2):
                try:
                    found[row[locations.id].strip()] = (float(row[locations.lat]), float(row[locations.lon]))
                except (KeyError, TypeError, ValueError, AttributeError) as error:
                    raise FaultsError([Fault(str(path), number, "", f"no place can be read: {error!r}")]) from error
        return found


def values(map_: Map, files: Sequence[Path], since: int | None = None, until: int | None = None) -> Iterator[Said]:
    """All that the files hold with since <= ts < until (ms), in the order of time; rows without any value are left
    out. Files need not be in order themselves, so each is read whole. Raises FaultsError."""

    def one(path: Path) -> list[Said]:
        kept = [
            said
            for said in RecordedFile(map_, path).rows()
            if said[2] and (since is None or said[0] >= since) and (until is None or said[0] < until)
        ]
        return sorted(kept, key=itemgetter(0, 1))

    return merge(*[one(path) for path in files], key=itemgetter(0, 1))


def registry_rows(map_: Map, files: Iterable[Path]) -> str:
    """The sensors of the files, as a sensors.csv of its own with its header. Raises FaultsError."""
    found: dict[str, tuple[float, float]] = {}
    for path in files:
        file = RecordedFile(map_, path)
        places = map_.places | file.places()
        for _, sensor, _ in file.rows():
            if sensor not in found:
                found[sensor] = _place(map_, places, sensor)
    metrics = " ".join(f"{value.metric}={value.unit}" for value in map_.values)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sensor, (lat, lon) in sorted(found.items()):
        where = (sensor, map_.kind, map_.department, map_.district, f"{lat:.5f}", f"{lon:.5f}")
        writer.writerow((*where, metrics, f"{map_.interval // 1000}s", *[""] * (len(COLUMNS) - 8)))
    return out.getvalue()


def _place(map_: Map, places: dict[str, tuple[float, float]], sensor: str) -> tuple[float, float]:
    """By the sensor's id, or by that part of it which the template fills in."""
    if sensor in places:
        return places[sensor]
    before, _, after = PLACEHOLDER.sub("\0", map_.sensor).partition("\0")
    return places.get(sensor.removeprefix(before).removesuffix(after), map_.place)
