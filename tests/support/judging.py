"""A small city to judge in tests of the rules, and short ways to write its log."""

from collections.abc import Iterable, Sequence

from rules.catalogue import Catalogue, parse_rules
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame, switch
from rules.sensor import Channel, Sensor

T = 1_700_000_000_000 // 3_600_000 * 3_600_000
"""A full hour, in ms: where the tests' time begins."""


def sensor(
    name: str,
    *metrics: str,
    district: str = "north",
    kind: str = "air",
    department: str = "env",
    interval: int = 60_000,
    free_flow: float = 0.0,
) -> Sensor:
    channels = {metric: Channel("1") for metric in metrics or ("pm25",)}
    return Sensor(name, kind, department, district, 48.0, 2.0, channels, interval, free_flow=free_flow)


def catalogue(rules: str, *sensors: Sensor, bridges: tuple[str, ...] = (), indices: Indices | None = None) -> Catalogue:
    """The rules as the items of a file's list, one a line such as `{name: a, kind: threshold, ...}`."""
    lines = [line.strip() for line in rules.splitlines() if line.strip()]
    items = "\n".join(f"  - {line}" for line in lines) or "  []"
    found, faults = parse_rules(f"rules:\n{items}", "rules.yaml")
    assert not faults, faults
    return Catalogue({each.id: each for each in sensors or (sensor("a"),)}, tuple(found), bridges, indices)


def frame(*readings: tuple[str, str, float, float], wall: int = T) -> Frame:
    """Readings (sensor, metric, seconds after T, value) as a frame."""
    metrics: dict[str, Columns] = {}
    for name, metric, at, value in readings:
        columns = metrics.setdefault(metric, Columns([], [], []))
        columns.sensor.append(name)
        columns.ts.append(round(at * 1000))
        columns.value.append(value)
    return Frame(VERSION, T, wall, metrics)


def tick(at: float, bridge: str = "bridge-1", wall: float | None = None) -> Frame:
    """A tick `at` seconds after T."""
    return Frame(VERSION, T + round(at * 1000), T + round((at if wall is None else wall) * 1000), tick=bridge)


def switch_to(found: Catalogue, serial: int, engine: Engine) -> None:
    """The next record of the engine's log is the switch of this number to that catalogue."""
    engine.switch(engine.position, switch(found.hash, serial, T), found)


def run(engine: Engine, records: Iterable[Frame]) -> list[Finding]:
    """All findings of these records, from the engine's position on."""
    findings: list[Finding] = []
    for record in records:
        findings += engine.tick(engine.position, record) if record.tick else engine.frame(engine.position, record)
    return findings


def judge(found: Catalogue, records: Sequence[Frame]) -> list[Finding]:
    return run(Engine(found, partition=0, partitions=1), records)


class Play:
    """One series (sensor a, pm25) judged step by step: `read` and `clock` give what was found, in short."""

    def __init__(self, rules: str, *sensors: Sensor) -> None:
        self.engine = Engine(catalogue(rules, *sensors), partition=0, partitions=1)

    def read(self, at: float, value: float = 0.0, name: str = "a", metric: str = "pm25") -> list[str]:
        return short(run(self.engine, [frame((name, metric, at, value))]))

    def clock(self, at: float) -> list[str]:
        return short(run(self.engine, [tick(at)]))


def short(findings: Iterable[Finding]) -> list[str]:
    """Each as `change severity @seconds`, the seconds being those of the change after T."""
    return [f"{each.change} {each.severity or each.was} @{(each.at - T) / 1000:.12g}" for each in findings]
