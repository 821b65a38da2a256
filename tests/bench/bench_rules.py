"""What rules cost: the engine with 20 and with 1,000 of them, beside a loop that tries every rule of a series one by
one over the same frames. 10,000 sensors, a 60 s mean of each, frames of 2,000 readings.

The loop is what one would write first: for each series a list of rules, for each reading a call of every one. It
has no repeats, no evidence, no state that outlives it; it makes the same number of decisions. All but 20 of the
1,000 rules stay quiet. Also told: the same on a smog day, when everything is loud. Run as a script; the last line
is JSON.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec

from rules.catalogue import Catalogue
from rules.engine import Engine
from rules.frame import Frame, FrameReader
from rules.kinds.threshold import Levels
from rules.kinds.window import WindowSpec
from tests.bench.bench_engine import city, log

FRAME = 2000
FEW = """
  - {{name: {metric}-high, kind: threshold, metric: {metric}, above: {{yellow: {high}, red: {higher}}}}}
  - {{name: {metric}-low, kind: threshold, metric: {metric}, below: {{yellow: -1}}}}
  - {{name: {metric}-north, kind: threshold, metric: {metric}, where: {{district: north}}, above: {{red: {higher}}}}}
  - {{name: {metric}-mean, kind: window, metric: {metric}, aggregate: mean, every: 60s, delay: 5s,
     above: {{yellow: {high}}}}}"""
MANY = FEW + "".join(
    f"""
  - {{{{name: {{metric}}-quiet-{number}, kind: threshold, metric: {{metric}}, above: {{{{orange: {1e6 + number}}}}},
     hold: 1min}}}}"""
    for number in range(196)
)


class Loud(Protocol):
    """One rule on one series: takes each reading and the clock, and counts what it finds. `waits`: whether time
    alone can change it."""

    found: int
    waits: bool

    def read(self, at: int, x: float) -> None: ...

    def clock(self, now: int) -> None: ...


class Level:
    """Severities above or below limits, with a hold."""

    __slots__ = ("above", "found", "hold", "limits", "now", "since", "waits")

    def __init__(self, spec: Levels) -> None:
        self.above, self.hold = spec.above, spec.hold
        self.limits = [level.limit for level in spec.levels]
        self.now, self.since, self.found, self.waits = 0, -1, 0, spec.hold > 0

    def read(self, at: int, x: float) -> None:
        beyond = 0
        for limit in self.limits:
            if x > limit if self.above else x < limit:
                beyond += 1
        if beyond > self.now and self.hold:
            if self.since < 0:
                self.since = at
            if at - self.since < self.hold:
                return
        self.since = -1
        if beyond != self.now:
            self.now = beyond
            self.found += 1

    def clock(self, now: int) -> None:
        if 0 <= self.since <= now - self.hold:
            self.since, self.now = -1, len(self.limits)
            self.found += 1


class Mean:
    """A mean over whole windows, decided by the clock."""

    __slots__ = ("delay", "every", "found", "level", "waits", "windows")

    def __init__(self, spec: WindowSpec) -> None:
        self.every, self.delay, self.level = spec.every, spec.delay, Level(spec.levels)
        self.windows: dict[int, list[float]] = {}
        self.found, self.waits = 0, True

    def read(self, at: int, x: float) -> None:
        window = self.windows.setdefault(at - at % self.every, [0.0, 0.0])
        window[0] += x
        window[1] += 1

    def clock(self, now: int) -> None:
        for start in [start for start in self.windows if start + self.every + self.delay <= now]:
            total, count = self.windows.pop(start)
            self.level.read(start + self.every, total / count)
            self.found = self.level.found


def loop(catalogue: Catalogue, records: list[bytes]) -> int:
    decode = msgspec.json.Decoder(Frame).decode
    known: dict[tuple[str, str], list[Loud]] = {}
    timed: list[Loud] = []
    for record in records:
        frame = decode(record)
        if frame.tick:
            for rule in timed:
                rule.clock(frame.t)
            continue
        base = frame.t
        for metric, columns in frame.metric.items():
            for sensor, delta, x in zip(columns.sensor, columns.ts, columns.value, strict=True):
                key = sensor, metric
                found = known.get(key)
                if found is None:
                    specs = [rule.spec for rule in catalogue.rules_for(sensor, metric)]
                    found = known[key] = [
                        Mean(spec) if isinstance(spec, WindowSpec) else Level(spec)  # type: ignore[arg-type]
                        for spec in specs
                    ]
                    timed += [rule for rule in found if rule.waits]
                at = base + delta
                for rule in found:
                    rule.read(at, x)
    return sum(rule.found for rules in known.values() for rule in rules)


def engine(catalogue: Catalogue, records: list[bytes]) -> int:
    reader, judge, findings = FrameReader(0, 1), Engine(catalogue, partition=0, partitions=1), 0
    for offset, record in enumerate(records):
        frame = reader.read(record)
        findings += len(judge.tick(offset, frame) if frame.tick else judge.frame(offset, frame))
    return findings


def timed(
    work: Callable[[Catalogue, list[bytes]], int], catalogue: Catalogue, records: list[bytes]
) -> tuple[float, int]:
    """Readings a second of CPU, and how much was found."""
    gc.collect()
    start = time.process_time()
    found = work(catalogue, records)
    return len(records) // 2 * FRAME / (time.process_time() - start), found


def compare(catalogue: Catalogue, records: list[bytes], rounds: int) -> tuple[float, float]:
    """Readings a second of the engine and of the loop, medians. Raises when they do not find the same."""
    sides: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        (ours, mine), (peer, others) = timed(engine, catalogue, records), timed(loop, catalogue, records)
        if mine != others:
            raise RuntimeError(f"the engine finds {mine}, the loop {others}")
        sides[0].append(ours)
        sides[1].append(peer)
    return statistics.median(sides[0]), statistics.median(sides[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensors", type=int, default=10_000)
    parser.add_argument("--windows", type=int, default=2, help="minutes of readings")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    line: dict[str, object] = {"name": "engine with 20 and 1,000 rules beside a loop that tries each of them"}
    for day, pace, rounds in (("ordinary", 600, options.rounds), ("ordinary", 6000, 1), ("smog", 6000, 1)):
        records = log(options.sensors, options.windows * 60_000 // pace * options.sensors, FRAME, day, pace)
        for number, template in ((20, FEW), (1000, MANY)):
            catalogue = city(options.sensors, template)
            assert len(catalogue.rules) == number
            # The loop with 1,000 rules takes minutes for what the engine does in seconds.
            some = records if number == 20 else records[: min(len(records), 200)]
            ours, peer = compare(catalogue, some, rounds if number == 20 else 1)
            if some is not records:
                ours, _ = timed(engine, catalogue, records)
            print(f"{day}, a reading each {pace} ms, {number} rules: {ours:,.0f} readings/s, the loop {peer:,.0f}, "
                  f"ratio {ours / peer:.2f}", flush=True)  # fmt: skip
            name = f"{number} rules" + ("" if pace == 600 else f", {day}, {pace} ms")
            line[name] = {"ours": round(ours), "peer": round(peer), "ratio": round(ours / peer, 2)}
    line["unit"] = "readings/s of one core, the start included; ratio = ours / peer"
    print(json.dumps(line))


if __name__ == "__main__":
    main()
