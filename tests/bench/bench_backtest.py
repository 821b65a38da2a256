"""A backtest from a store, everything included: reading SQLite, putting a month in order, frames, ticks, the engine.

The peer is what the engine alone takes over the same frames, so the ratio is what the tool adds. CPU time of one
process, which is one core. Run as a script; the last line is JSON.
"""

import argparse
import gc
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rules.catalogue import Catalogue, parse_rules
from rules.engine import Engine
from rules.frame import VERSION, Columns, Frame
from rules.sensor import Channel, Sensor
from streams.stores import open_store
from streams.stores.port import Batch
from urbanpulse.authors.backtest import STEP, backtest
from urbanpulse.authors.history import FOREVER, of_store

START = 1_750_000_020_000
BASES = {"pm25": 20.0, "no2": 40.0, "noise": 60.0, "pressure": 1000.0, "speed": 50.0}
RULES = """
  - {{name: {m}-high, kind: threshold, metric: {m}, above: {{yellow: {high}, red: {higher}}}, hold: 30s}}
  - {{name: {m}-low, kind: threshold, metric: {m}, below: {{yellow: 1}}}}
  - {{name: {m}-hour, kind: window, metric: {m}, aggregate: mean, every: 1h, delay: 30s, above: {{yellow: {high}}}}}
  - {{name: {m}-silent, kind: silence, metric: {m}, after: 10min, severity: yellow}}"""


def city(sensors: int) -> Catalogue:
    """`sensors` sensors of one metric each; four rules on every metric: 20 in all."""
    text = "rules:" + "".join(
        RULES.format(m=metric, high=base * 1.6, higher=base * 2) for metric, base in BASES.items()
    )
    rules, faults = parse_rules(text, "bench.yaml")
    assert not faults, faults
    metrics = list(BASES)
    known = {}
    for number in range(sensors):
        metric, name = metrics[number % len(metrics)], f"sensor-{number:05d}"
        known[name] = Sensor(name, metric, "environment", "north", 0.0, 0.0, {metric: Channel("")})
    return Catalogue(known, tuple(rules))


def frames(catalogue: Catalogue, readings: int) -> Iterator[Frame]:
    """A reading a minute from each sensor, one in five hundred far above the rest; a frame for each minute."""
    chance = random.Random(1)
    names = [(name, next(iter(sensor.channels))) for name, sensor in catalogue.sensors.items()]
    for minute in range(-(-readings // len(names))):
        t = START + minute * 60_000
        columns = {metric: Columns([], [], []) for metric in BASES}
        for name, metric in names:
            factor = 2.2 if chance.random() < 0.002 else chance.uniform(0.5, 1.5)
            columns[metric].sensor.append(name)
            columns[metric].ts.append(chance.randrange(60_000))
            columns[metric].value.append(round(BASES[metric] * factor, 3))
        yield Frame(VERSION, t, t + 60_000, columns)


def engine_alone(catalogue: Catalogue, log: list[Frame]) -> int:
    judge, offset, findings = Engine(catalogue, partition=0, partitions=1), 0, 0
    for frame in log:
        findings += len(judge.frame(offset, frame))
        findings += len(judge.tick(offset + 1, Frame(VERSION, frame.wall, frame.wall, {}, "bench")))
        offset += 2
    return findings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=600_000)
    parser.add_argument("--sensors", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    catalogue = city(options.sensors)
    log = list(frames(catalogue, options.readings))
    number = sum(frame.readings() for frame in log)
    ours, peer = [], []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'readings.db'}")
        for offset, frame in enumerate(log):
            store.write([Batch(0, offset, offset + 1, [frame])])
        for _ in range(options.rounds):
            gc.collect()
            start = time.process_time()
            [found] = backtest([catalogue], ["environment"], of_store(store, 0, FOREVER), STEP)
            ours.append(number / (time.process_time() - start))
            assert found.readings == number
            start = time.process_time()
            alone = engine_alone(catalogue, log)
            peer.append(number / (time.process_time() - start))
            print(
                f"backtest {ours[-1]:,.0f} readings/s, {len(found.findings)} findings; engine alone {peer[-1]:,.0f}, "
                f"{alone} findings",
                flush=True,
            )
        store.close()
    mine, its = statistics.median(ours), statistics.median(peer)
    line = {
        "name": "backtest of a SQLite store, 20 rules, one core; peer: the engine alone over the same frames",
        "ours": round(mine),
        "peer": round(its),
        "ratio": round(mine / its, 3),
        "unit": "readings/s of CPU",
        "bar": 100_000,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
