"""sensors.csv: the city's devices, with every fault in the file."""

import csv
from collections.abc import Iterator

from rules.channels import parse_channels
from rules.duration import HINT, parse_duration
from rules.faults import Fault, nearest
from rules.sensor import ID, Sensor, Status, TimeFormat
from rules.units import METRICS

REQUIRED = ("id", "kind", "department", "district", "lat", "lon", "metrics", "interval")
OPTIONAL = ("time", "gateway", "calibration", "free_flow", "group", "downstream", "status")
_TIMES: dict[str, TimeFormat] = {"": "rfc3339", "rfc3339": "rfc3339", "s": "s", "ms": "ms"}
_STATUSES: dict[str, Status] = {
    "": "active",
    "active": "active",
    "maintained": "maintained",
    "quarantined": "quarantined",
}
_ID_HINT = "use letters, digits and . _ : -, a letter or digit first, 64 at most"


class Row:
    """One line of the file: its cells by column, and where its faults go."""

    def __init__(self, file: str, line: int, cells: dict[str, str], faults: list[Fault]) -> None:
        self._file, self._line, self._faults = file, line, faults
        self.cells = cells

    def fault(self, column: str, message: str, suggestion: str = "") -> None:
        self._faults.append(Fault(self._file, self._line, column, message, suggestion))


def parse_registry(text: str, file: str) -> tuple[dict[str, Sensor], list[Fault]]:
    """The sound sensors of a file by id and all its faults. With a fault the sensors are for looking only."""
    faults: list[Fault] = []
    sensors: dict[str, Sensor] = {}
    rows: dict[str, Row] = {}
    for line, row in _rows(text.removeprefix("\ufeff"), file, faults):
        sensor = _sensor(row, line)
        if sensor is None:
            continue
        if (earlier := sensors.get(sensor.id)) is not None:
            row.fault("id", f"{sensor.id!r} is already in line {earlier.line}")
            continue
        sensors[sensor.id] = sensor
        rows[sensor.id] = row
        if sensor.gateway == sensor.id:
            row.fault("gateway", "a sensor cannot be its own gateway", "leave the cell empty")
    for sensor in sensors.values() if not faults else ():
        for name in sensor.downstream:
            if name not in sensors or name == sensor.id:
                what = f"there is no sensor {name!r}" if name not in sensors else "a sensor is not downstream of itself"
                rows[sensor.id].fault("downstream", what, nearest(name, sensors) if name not in sensors else "")
    if not sensors and not faults:
        faults.append(Fault(file, 0, "", "there is no sensor in it"))
    return sensors, sorted(faults)


def _rows(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    columns: list[str] | None = None
    end = 0
    while True:
        line = end + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            faults.append(Fault(file, reader.line_num, "", f"not CSV: {error}"))
            return
        end = reader.line_num
        if cells is None:
            if columns is None:
                faults.append(Fault(file, 0, "", "the file is empty", f"the first line is {','.join(REQUIRED)}"))
            return
        if columns is None:
            columns = [cell.strip() for cell in cells]
            if not _header(columns, file, line, faults):
                return
        elif not any(cell.strip() for cell in cells):
            faults.append(Fault(file, line, "", "an empty row", "delete the line"))
        elif len(cells) != len(columns):
            faults.append(Fault(file, line, "", f"{len(cells)} cells, the header has {len(columns)}"))
        else:
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            yield line, Row(file, line, row, faults)


def _header(columns: list[str], file: str, line: int, faults: list[Fault]) -> bool:
    known = (*REQUIRED, *OPTIONAL)
    before = len(faults)
    for name in dict.fromkeys(columns):
        if name not in known:
            faults.append(Fault(file, line, name, "unknown column", nearest(name, known)))
        elif columns.count(name) > 1:
            faults.append(Fault(file, line, name, "the column is there twice"))
    faults.extend(
        Fault(file, line, name, "the column is missing", f"the columns are {','.join(known)}")
        for name in REQUIRED
        if name not in columns
    )
    return len(faults) == before


def _sensor(row: Row, line: int) -> Sensor | None:
    names = {column: _name(row, column) for column in ("id", "kind", "department", "district")}
    gateway = _name(row, "gateway") if row.cells.get("gateway") else ""
    place = _place(row)
    interval = _interval(row)
    time = _TIMES.get(row.cells.get("time", ""))
    if time is None:
        row.fault("time", f"unknown: {row.cells['time'][:40]!r}", nearest(row.cells["time"], ("rfc3339", "s", "ms")))
    channels = parse_channels(row.cells["metrics"], row.cells.get("calibration", ""), row.fault)
    free_flow = _free_flow(row)
    group = _name(row, "group") if row.cells.get("group") else ""
    downstream = _downstream(row)
    status = _STATUSES.get(row.cells.get("status", ""))
    if status is None:
        row.fault(
            "status", f"unknown: {row.cells['status'][:40]!r}", nearest(row.cells["status"], set(_STATUSES) - {""})
        )
    if None in names.values() or None in (
        gateway,
        place,
        interval,
        time,
        channels,
        free_flow,
        group,
        downstream,
        status,
    ):
        return None
    assert place and channels and interval and time and gateway is not None and free_flow is not None
    assert group is not None and downstream is not None and status is not None
    sensor, kind, department, district = (str(name) for name in names.values())
    return Sensor(
        sensor,
        kind,
        department,
        district,
        *place,
        channels,
        interval,
        time,
        gateway,
        free_flow,
        group,
        downstream,
        status,
        line,
    )


def _name(row: Row, column: str) -> str | None:
    word = row.cells[column]
    if not word:
        row.fault(column, "is empty")
        return None
    if not ID.fullmatch(word):
        row.fault(column, f"{word[:80]!r} is not a name", _ID_HINT)
        return None
    return word


def _place(row: Row) -> tuple[float, float] | None:
    degrees = {column: _degrees(row, column) for column in ("lat", "lon")}
    lat, lon = degrees["lat"], degrees["lon"]
    if lat is None or lon is None:
        return None
    if not -90 <= lat <= 90:
        swapped = -90 <= lon <= 90 and -180 <= lat <= 180
        row.fault("lat", f"{lat:g} is not between -90 and 90", "are lat and lon swapped?" if swapped else "")
        return None
    if not -180 <= lon <= 180:
        row.fault("lon", f"{lon:g} is not between -180 and 180")
        return None
    return lat, lon


def _degrees(row: Row, column: str) -> float | None:
    cell = row.cells[column]
    try:
        number = float(cell) if "_" not in cell else float("nan")
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        row.fault(column, f"{cell[:40]!r} is not a number of degrees", "write it as 48.8566, with a point")
        return None
    return number


def _free_flow(row: Row) -> float | None:
    cell = row.cells.get("free_flow", "")
    try:
        speed = float(cell) if cell and "_" not in cell else float("nan" if cell else "0")
    except ValueError:
        speed = float("nan")
    if cell and not 0 < speed <= METRICS["speed"].highest:
        row.fault("free_flow", f"{cell[:40]!r} is not a speed", "write km/h as 60, or leave the cell empty")
        return None
    return speed


def _downstream(row: Row) -> tuple[str, ...] | None:
    """Ids with spaces between them."""
    names = row.cells.get("downstream", "").split()
    for name in names:
        if not ID.fullmatch(name):
            row.fault("downstream", f"{name[:80]!r} is not a name", "sensor ids with spaces between them")
            return None
    if len(set(names)) < len(names):
        row.fault("downstream", "a sensor is there twice")
        return None
    return tuple(sorted(names))


def _interval(row: Row) -> int | None:
    try:
        interval = parse_duration(row.cells["interval"])
    except ValueError as error:
        row.fault("interval", str(error), HINT)
        return None
    if interval == 0:
        row.fault("interval", "must be longer than nothing", HINT)
        return None
    return interval
