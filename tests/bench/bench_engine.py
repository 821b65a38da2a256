"""The engine alone, decoding and checking included, beside a bare loop over the same frames.

The peer is as little as anybody could do: decode, one dict look-up and one interval test a reading, in plain
Python; it has no repeats, no evidence, no order, no registry, no checks. Run as a script; the last line is JSON.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable

import msgspec

from rules.catalogue import Catalogue, parse_rules
from rules.engine import Engine
from rules.frame import VERSION, Columns, Frame, FrameReader, encode
from rules.sensor import Channel, Sensor

METRICS = {"pm25": 20.0, "no2": 40.0, "noise": 60.0, "pressure": 1000.0, "speed": 50.0}
START = 1_750_000_020_000
LEVELS = """
  - {{name: {metric}-high, kind: threshold, metric: {metric}, above: {{yellow: {high}, red: {higher}}}, hold: 1min}}
  - {{name: {metric}-low, kind: threshold, metric: {metric}, below: {{yellow: -1}}}}
  - {{name: {metric}-north, kind: threshold, metric: {metric}, where: {{district: north}}, above: {{red: {higher}}}}}
  - {{name: {metric}-silent, kind: silence, metric: {metric}, after: 10min, severity: yellow}}"""
MEANS = """
  - {{name: {metric}-mean, kind: window, metric: {metric}, aggregate: mean, every: 60s, delay: 5s,
     above: {{yellow: {mean}}}}}"""


def city(sensors: int, template: str) -> Catalogue:
    """`sensors` sensors of one metric each, and the rules of the template for every metric."""
    text = "rules:" + "".join(
        template.format(metric=metric, high=base * 3.5, higher=base * 3.9, mean=base * 1.02)
        for metric, base in METRICS.items()
    )
    rules, faults = parse_rules(text, "bench.yaml")
    assert not faults, faults
    metrics = list(METRICS)
    known = {}
    for number in range(sensors):
        channels = {metrics[number % 5]: Channel("1")}
        name = f"sensor-{number:05d}"
        known[name] = Sensor(name, "air", "environment", ("north", "south")[number % 2], 48.0, 2.0, channels)
    return Catalogue(known, tuple(rules))


def log(sensors: int, readings: int, size: int, day: str, pace: int = 600) -> list[bytes]:
    """Frames of `size` readings, a tick after each; every sensor speaks each `pace` ms. On an ordinary
    day one reading in a thousand is far beyond the limits; on a smog day 19 in 20 are, so that every alarm is on and
    often falters; in a storm every other one is, which is as bad as it can be: nothing is ever quiet."""
    chance = random.Random(7).random
    odd = {"ordinary": 0.001, "smog": 0.95, "storm": 0.5}[day]
    records: list[bytes] = []
    batch: dict[str, Columns] = {}
    metrics = list(METRICS)
    base = START
    for index in range(readings):
        number = index % sensors
        metric = metrics[number % 5]
        ts = START + index * pace // sensors
        value = METRICS[metric] * (4.0 if chance() < odd else 0.75 + chance() / 2)
        columns = batch.setdefault(metric, Columns([], [], []))
        columns.sensor.append(f"sensor-{number:05d}")
        columns.ts.append(ts - base)
        columns.value.append(round(value, 3))
        if (index + 1) % size == 0:
            records.append(encode(Frame(VERSION, base, ts, batch)))
            records.append(encode(Frame(VERSION, ts, ts, tick="bridge-1")))
            batch, base = {}, ts
    return records


def engine(catalogue: Catalogue, records: list[bytes]) -> int:
    """Seconds aside: the number of findings, so that nothing is optimised away."""
    reader, judge, findings = FrameReader(0, 1), Engine(catalogue, partition=0, partitions=1), 0
    for offset, record in enumerate(records):
        frame = reader.read(record)
        findings += len(judge.tick(offset, frame) if frame.tick else judge.frame(offset, frame))
    judge.pack()
    return findings


def bare(records: list[bytes]) -> int:
    decode = msgspec.json.Decoder(Frame).decode
    bounds: dict[str, dict[str, list[float]]] = {metric: {} for metric in METRICS}
    beyond = 0
    for record in records:
        frame = decode(record)
        for metric, columns in frame.metric.items():
            table, base = bounds[metric], frame.t
            high = METRICS[metric] * 3.5
            for sensor, delta, x in zip(columns.sensor, columns.ts, columns.value, strict=True):
                entry = table.get(sensor)
                if entry is None:
                    entry = table[sensor] = [-1.0, high, 0.0]
                if x > entry[1] or x < entry[0]:
                    beyond += 1
                entry[2] = base + delta
    return beyond


def timed(work: Callable[[], int]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=400_000)
    parser.add_argument("--sensors", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cases = {
        "levels": (LEVELS, "ordinary"),
        "levels and means": (LEVELS + MEANS, "ordinary"),
        "levels and means, smog": (LEVELS + MEANS, "smog"),
        "levels and means, storm": (LEVELS + MEANS, "storm"),
    }
    result = {}
    for name, (template, day) in cases.items():
        catalogue = city(options.sensors, template)
        for size in (500, 2000):
            records = log(options.sensors, options.readings, size, day)
            pairs = [
                (timed(lambda: engine(catalogue, records)), timed(lambda: bare(records)))  # noqa: B023
                for _ in range(options.rounds)
            ]
            ours, peer = (statistics.median(side) / options.readings * 1e6 for side in zip(*pairs, strict=True))
            result[name, size] = ours, peer
            print(f"{name}, frames of {size}: engine {ours:.3f} us, bare loop {peer:.3f} us a reading", flush=True)
    ours, peer = result["levels and means", 2000]
    line = {
        "name": "engine alone, thresholds and a 60 s mean on every series, frames of 2,000",
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "ratio": round(peer / ours, 3),
        "unit": "us of CPU a reading; ratio = peer / ours",
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
