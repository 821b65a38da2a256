"""A bad day in a folder: the city's files, what happened, and what must be found.

    rules.yaml, sensors.csv   as in a city's folder; others of its files (calendars.yaml, ...) may lie beside them
    readings.csv              what arrived: time, sensor, metric, value and, where needed, arrives and how
    expected.yaml             what must be found, and why (`Script`)
    README.md                 the story, in a few lines

A row of readings.csv is a message of a device (MQTT, through the contract). `value` is `80` or, as in tests of rules,
`80 every 1min for 10min`; `arrives` is when it reaches the bridge, empty for its own time. `how` may also be

    backlog   all values of the row arrive at one moment
    kafka     written straight into a frame, by another producer
    raw       a record with the bytes in `value`
    tick      of the bridge in `sensor`
    switch    to the file of rules in `value`, and the registry in `metric`

Rows happen by `arrives`, those of one moment in the order of the file, after a tick of that moment.
"""

import csv
from collections.abc import Iterator
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec
from ruamel.yaml import YAML

from rules.body import Body, sound
from rules.catalogue import Catalogue
from rules.duration import parse_duration
from urbanpulse.authors.notation import instant, midnight, spread

COLUMNS = {"arrives", "how", "time", "sensor", "metric", "value"}
CHANGES = ("fired", "changed", "cleared", "undecided", "amended", "withdrawn")
BRIDGE = "bridge"


class Wanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A finding that must be there: `fired: red` and so on with the new severity, of a cleared one the one it had. What
    is left out is not looked at. `because`: how it follows from the rules, by hand."""

    at: str
    rule: str
    because: str
    sensor: str = ""
    area: str = ""
    metric: str = ""
    fired: str = ""
    changed: str = ""
    cleared: str = ""
    undecided: str | None = None
    amended: str | None = None
    withdrawn: str | None = None
    value: float | None = None
    lasted: str | None = None
    reason: str | None = None
    text: str | None = None
    notify: tuple[str, ...] | None = None

    @property
    def change(self) -> str:
        [change] = [name for name in CHANGES if getattr(self, name) not in ("", None)]
        return change

    @property
    def severity(self) -> str:
        """Of a doubt about nothing it is `none`."""
        return str(getattr(self, self.change)).replace("none", "")


class Script(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`start`: the day that times are of. The clock ticks every `tick` from `begin` (the first arrival) to `until`, but
    for the stretches `no_ticks`; `tick: by hand` leaves it to the rows. `late`, `repeats`: what the judge counts;
    `refused`: what the contract refuses, by code; `skipped`: records that are no frames."""

    findings: list[Wanted]
    until: str
    start: str = "2026-01-01"
    tick: str = "10s"
    begin: str = ""
    no_ticks: list[tuple[str, str]] = []
    bridges: tuple[str, ...] = ()
    timezone: str = ""
    late: int = 0
    repeats: int = 0
    refused: dict[str, int] = {}
    skipped: int = 0


class Row(NamedTuple):
    """What happens at `at` (ms). `ts` and `said` of a reading: its own time and the value as it is written."""

    at: int
    how: str
    ts: int
    sensor: str
    metric: str
    said: str


class BadDay:
    """One folder, read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        loaded = YAML(typ="base").load((folder / "expected.yaml").read_text(encoding="utf-8"))
        self.script = msgspec.convert(loaded, Script, strict=False)
        self.start = midnight(self.script.start)

    def ms(self, text: str) -> int:
        return instant(text, self.start)

    def catalogue(self, rules: str = "rules.yaml", registry: str = "sensors.csv") -> Catalogue:
        """Raises FaultsError."""
        own = {"rules.yaml", "sensors.csv", "readings.csv", "expected.yaml", "README.md", rules, registry}
        others = [path for path in self.folder.iterdir() if path.name not in own and not path.name.startswith("rules")]
        files = {path.name: path.read_text(encoding="utf-8") for path in others}
        files["sensors.csv"] = (self.folder / registry).read_text(encoding="utf-8")
        files["rules/rules.yaml"] = (self.folder / rules).read_text(encoding="utf-8")
        return sound(Body(files=files, bridges=self.script.bridges, timezone=self.script.timezone), f"{self.folder}/")

    @cached_property
    def rows(self) -> list[Row]:
        """What happens, in order, the ticks of the clock among it."""
        with (self.folder / "readings.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        for line in lines:
            assert line.keys() <= COLUMNS, f"{self.folder.name}/readings.csv: unknown columns {line.keys() - COLUMNS}"
        rows = [row for line in lines for row in self._rows(line)]
        rows.sort(key=itemgetter(0))
        ticks = [Row(at, "tick", at, BRIDGE, "", "") for at in self._ticks(rows)]
        return sorted([*ticks, *rows], key=lambda row: (row.at, row.how != "tick"))

    @property
    def readings(self) -> list[Row]:
        return [row for row in self.rows if row.how != "tick"]

    @property
    def step(self) -> int:
        """The time (ms) between two ticks."""
        return parse_duration(self.script.tick)

    @property
    def plain(self) -> bool:
        """Whether all of it came through MQTT, in the order of time and once, while the clock ticked by itself, and
        single sensors are judged."""
        script, rows = self.script, self.readings
        times = [(row.sensor, row.metric, row.ts) for row in rows]
        undisturbed = not (script.no_ticks or script.begin or script.bridges or script.timezone or script.refused)
        in_order = all(row.how == "" and row.at == row.ts for row in rows) and len(times) == len(set(times))
        single = not any(each.area for each in script.findings)
        return undisturbed and in_order and single and script.tick != "by hand"

    def _rows(self, line: dict[str, str]) -> Iterator[Row]:
        how, sensor, metric, value = (line.get(name) or "" for name in ("how", "sensor", "metric", "value"))
        time, arrives = line.get("time") or "", line.get("arrives") or ""
        ts = self.ms(time or arrives)
        at = self.ms(arrives or time)
        values = spread(value) if " every " in value and not how.startswith(("raw", "switch")) else None
        if values is None:
            yield Row(at, how, ts, sensor, metric, value)
        for after, number in values or ():
            yield Row(at if how == "backlog" else at + after, how, ts + after, sensor, metric, repr(number))

    def _ticks(self, rows: list[Row]) -> Iterator[int]:
        if self.script.tick == "by hand":
            return
        step, until = parse_duration(self.script.tick), self.ms(self.script.until)
        begin = self.ms(self.script.begin) if self.script.begin else rows[0].at - rows[0].at % step
        away = [(self.ms(since), self.ms(back)) for since, back in self.script.no_ticks]
        for at in [*range(begin, until, step), until]:
            if not any(since <= at < back for since, back in away):
                yield at
