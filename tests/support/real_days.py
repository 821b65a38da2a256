"""A stretch of recorded data, the rules for it, and each of their findings explained by rows of the file itself."""

import csv
import gzip
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from ruamel.yaml import YAML

from rules.catalogue import Catalogue
from rules.finding import Finding
from rules.rule import Rule
from simulators import maps
from simulators.mapfile import load_map
from tests.docs.test_cookbook import RECIPES, rules_of
from tests.support.sample_city import city_rules
from urbanpulse.authors.backtest import backtest
from urbanpulse.authors.history import of_files

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


class Explained(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One finding: `at` is day and local time; `of` the cells of the file that it rests on, by day and local time."""

    at: str
    sensor: str
    rule: str
    because: str
    of: dict[str, str]
    fired: str = ""
    changed: str = ""
    cleared: str = ""


class Quiet(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a rule says nothing; `nearest`: the cell of its column that comes nearest to its first limit."""

    because: str
    nearest: str = ""


class Stretch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`first` to `last` (dates, both in it) of the `files`; `cookbook` and `city`: the rules taken from each; `silent`:
    those of them that have nothing to say, and why; `column`: of the file, by rule."""

    map: str
    zone: str
    files: list[str]
    first: str
    last: str
    cookbook: list[str]
    city: list[str] = []
    silent: dict[str, Quiet] = {}
    column: dict[str, str] = {}
    findings: list[Explained]

    def ms(self, text: str) -> int:
        """Of `07 12:30`, in the month of `first`."""
        moment = datetime.strptime(f"{self.first[:8]}{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(self.zone))
        return round(moment.timestamp() * 1000)

    def paths(self) -> list[Path]:
        return [DATA / self.map / name for name in self.files]

    def rules(self) -> list[Rule]:
        book = {rule.name: rule for text, _ in RECIPES for rule in rules_of(text)}
        city = {rule.name: rule for rule in city_rules()}
        return [*(book[name] for name in self.cookbook), *(city[name] for name in self.city)]


def read(path: Path) -> Stretch:
    return msgspec.convert(YAML(typ="base").load(path.read_text(encoding="utf-8")), Stretch, strict=False)


def judged(stretch: Stretch) -> list[Finding]:
    """What the rules say of the files."""
    known, faults = load_map(maps.find(stretch.map).read_text(encoding="utf-8"), stretch.map)
    assert known is not None and not faults
    since, until = stretch.ms(f"{stretch.first[8:]} 00:00"), stretch.ms(f"{stretch.last[8:]} 00:00") + 86_400_000
    history = of_files(known, stretch.paths(), since, until)
    [found] = backtest([Catalogue(history.sensors, tuple(stretch.rules()))], ["nobody"], history)
    return found.findings


@cache
def hourly(path: Path) -> Mapping[tuple[str, str], str]:
    """The cells of a Beijing station's file by (time, column), with nothing of ours in between."""
    with gzip.open(path, "rt", encoding="utf-8") as text:
        return {
            (f"{row['year']}-{int(row['month']):02}-{int(row['day']):02} {int(row['hour']):02}:00", column): cell
            for row in csv.DictReader(text)
            if row["year"] == "2017" and row["month"] == "1"
            for column, cell in row.items()
        }


@cache
def five_minutes(path: Path) -> Mapping[tuple[str, str], str]:
    """The cells of METR-LA by (time since the first row's day, detector)."""
    with gzip.open(path, "rt", encoding="utf-8") as text:
        header, *rows = csv.reader(text)
    found = {}
    for number, row in enumerate(rows):
        day, minute = divmod(number * 5, 1440)
        for detector, cell in zip(header, row, strict=True):
            found[f"2012-03-{1 + day:02} {minute // 60:02}:{minute % 60:02}", detector] = cell
    return found
