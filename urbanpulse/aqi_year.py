"""One year of recorded hours in two editions of the Chinese index: days per level, station by station.

Reads files of the shape of the Beijing multi-site data: one CSV (or CSV.GZ) a station with the columns year, month,
day, hour (hour beginning) and PM2.5 PM10 SO2 NO2 CO O3, all in µg/m³, `NA` for missing.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from time import process_time
from typing import NamedTuple, TextIO

from rules.indices.china_tables import HJ633_2012, HJ633_2026, LEVELS, Edition
from rules.indices.station_year import days, tally

# Our pollutant, its column in the file, and how many of the file's units make one of ours.
_COLUMNS = (
    ("so2", "SO2", 1),
    ("no2", "NO2", 1),
    ("co", "CO", 1000),
    ("o3", "O3", 1),
    ("pm10", "PM10", 1),
    ("pm25", "PM2.5", 1),
)
EDITIONS = (HJ633_2012, HJ633_2026)


class Row(NamedTuple):
    """A station in one edition: days and hours per level, and the CPU seconds it took."""

    station: str
    edition: str
    days: dict[str, int]
    hours: dict[str, int]
    seconds: float


def read_year(file: Path, year: int) -> dict[str, list[float | None]]:
    """The hours of one year by pollutant, in µg/m³, CO in mg/m³; an hour the file does not have is None.

    Raises ValueError, naming the file, for a missing column or a value that is neither a number nor NA.
    """
    first = date(year, 1, 1)
    count = 24 * (date(year + 1, 1, 1) - first).days
    found: dict[str, list[float | None]] = {name: [None] * count for name, _, _ in _COLUMNS}
    with _open(file) as lines:
        try:
            for row in csv.DictReader(lines):
                if int(row["year"]) != year:
                    continue
                hour = 24 * (date(year, int(row["month"]), int(row["day"])) - first).days + int(row["hour"])
                for name, column, scale in _COLUMNS:
                    if row[column] != "NA":
                        found[name][hour] = float(row[column]) / scale
        except KeyError as error:
            raise ValueError(f"{file}: no column {error}") from error
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
    return found


def _open(file: Path) -> TextIO:
    return gzip.open(file, "rt") if file.suffix == ".gz" else file.open()


def rows(folder: Path, year: int, editions: Sequence[Edition] = EDITIONS) -> Iterator[Row]:
    """Every station of the folder in every edition, by name. Raises ValueError when there is no file."""
    files = sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")])
    if not files:
        raise ValueError(f"{folder}: no file *.csv or *.csv.gz")
    for file in files:
        hours = read_year(file, year)
        for edition in editions:
            begun = process_time()
            found = list(days(edition, hours))
            by_day = tally(day.daily.level for day in found)
            by_hour = tally(hour.level for day in found for hour in day.hourly)
            yield Row(file.name.split(".")[0], edition.source.edition, by_day, by_hour, process_time() - begun)


def table(found: Sequence[Row]) -> str:
    """Markdown: days per level, and how many hours of the year were above 100."""
    names = [level.local for level in LEVELS]
    lines = [
        f"| station | edition | {' | '.join(names)} | NA | days above 100 | hours above 100 |",
        "|" + "---|" * (len(names) + 5),
    ]
    for row in found:
        bad = [sum(counts[str(rank)] for rank in range(3, 7)) for counts in (row.days, row.hours)]
        counts = " | ".join(str(count) for count in row.days.values())
        lines.append(f"| {row.station} | {row.edition} | {counts} | {bad[0]} | {bad[1]} |")
    return "\n".join(lines)
