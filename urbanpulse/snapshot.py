"""The copy of a city's folder that a run reads: what it was judged by stays readable beside what came of it."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from rules.body import CALENDARS, DISTRICTS, STANDARDS
from urbanpulse.files import write_whole
from urbanpulse.ports import LOOPBACK
from urbanpulse.trouble import TroubleError

FILES = ("city.toml", "sensors.csv", "departments.yaml", DISTRICTS, CALENDARS, STANDARDS)


def take(origin: Path, copy: Path, more_sensors: str = "", receiver: tuple[int, int] | None = None) -> None:
    """Copies the files of a city, never its secrets. `more_sensors`: registry rows (with their header) to add.
    `receiver`: the port at which departments.yaml expects the practice receiver, and the one it has.
    Raises TroubleError when a sensor to add is there already, as another one."""
    (copy / "rules").mkdir(parents=True)
    for path in (*(origin / name for name in FILES), *sorted((origin / "rules").glob("*.yaml"))):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8-sig")
        if path.name == "sensors.csv" and more_sensors:
            text = add_rows(text, more_sensors)
        if path.name == "departments.yaml" and receiver is not None:
            text = redirect(text, *receiver)
        (copy / path.relative_to(origin)).write_text(text, encoding="utf-8")


def renew(fresh: Path, copy: Path, only: str = "") -> None:
    """Makes `copy` what `fresh` is, file by file, each whole at every moment; `only` one of them, or all but
    city.toml, which no running city reads again."""
    there = {str(path.relative_to(fresh)) for path in fresh.rglob("*") if path.is_file()} - {"city.toml"}
    for name in sorted(there if not only else there & {only}):
        write_whole(copy / name, (fresh / name).read_bytes())
    for path in [] if only else list(copy.rglob("*")):
        if path.is_file() and str(path.relative_to(copy)) not in {*there, "city.toml"}:
            path.unlink()


def add_rows(registry: str, rows: str) -> str:
    """The registry with the sensors of `rows` in it; one that it has already, with the same words, is not repeated.

    >>> print(add_rows("id,kind\\na,air\\n", "id,kind,time\\nb,air,s\\n"), end="")
    id,kind,time
    a,air,
    b,air,s
    """
    old, new = csv.DictReader(io.StringIO(registry)), csv.DictReader(io.StringIO(rows))
    names = list(dict.fromkeys([*(old.fieldnames or ()), *(new.fieldnames or ())]))
    sensors = {row["id"]: _filled(row, names) for row in old}
    for row in new:
        filled = _filled(row, names)
        if sensors.setdefault(row["id"], filled) != filled:
            raise TroubleError(
                f"the recorded data has a sensor {row['id']!r}, and so has the city, with other properties. "
                "Rename one of them: the prefix of the map's ids is in the map."
            )
    out = io.StringIO()
    table = csv.DictWriter(out, names, lineterminator="\n")
    table.writeheader()
    table.writerows(sensors.values())
    return out.getvalue()


def _filled(row: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: row.get(name) or "" for name in names}


def redirect(departments: str, expected: int, real: int) -> str:
    """Webhooks to the practice receiver go where it really is.

    >>> redirect("url: http://localhost:8099/hooks/water", 8099, 40001)
    'url: http://127.0.0.1:40001/hooks/water'
    """
    return re.sub(
        rf"http://(?:127\.0\.0\.1|localhost):{expected}(?=[/\"'\s,}}]|$)", f"http://{LOOPBACK}:{real}", departments
    )
