"""How many readings a second one judge takes from Apache Kafka: an unmodified Faust agent, state durable, frames of
2,000 readings in 8 partitions, 1,000 sensors, 20 threshold rules and a mean over 60 s for each sensor.

Beside it, in the same run and over the same frames, a bare confluent-kafka loop with the same engine and no state.
Apache Kafka when it is installed, else the embedded one. Prints what it measures and, last, one JSON line.

    python tests/bench/bench_judge.py [--readings 6000000] [--rounds 3]
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from confluent_kafka import Consumer, Producer, TopicPartition

from rules.body import Body, sound
from rules.engine import Engine
from rules.finding import encode as encode_finding
from rules.frame import VERSION, Columns, Frame, FrameReader, encode, switch
from rules.identity import partition_of
from rules.shelf import body_record
from streams.host import prepare, run
from streams.judge import build
from streams.settings import JudgeSettings
from tests.support import embedded, servers
from tests.support.log_reader import create_topics
from tests.support.stream_log import judge_topics

PARTITIONS, SENSORS, FRAME = 8, 1_000, 2_000
START = 1_750_000_020_000
EVERY = 600  # ms of event time between two readings of a sensor
BASE = {"pm25": 20.0, "no2": 40.0, "noise": 60.0, "temperature": 20.0, "pressure": 800.0}
METRICS = list(BASE)
TICK = 20  # frames between two ticks of a partition, as at 50 ms a frame


def body() -> Body:
    rows = [f"sensor-{i:04d},air,env,d{i % 20:02d},48,2,{METRICS[i % 5]},60s" for i in range(SENSORS)]
    text = ["rules:"]
    for metric, base in BASE.items():
        for name, where, side, limit in (
            ("crit", "", "above", base * 3.5),
            ("low", "", "below", base * 0.1),
            ("d07", "district: d07, ", "above", base * 3.9),
            ("d13-low", "district: d13, ", "below", base * 0.05),
        ):
            place = f"where: {{{where.rstrip(', ')}}}, " if where else ""
            text.append(
                f"  - {{name: {metric}-{name}, kind: threshold, metric: {metric}, {place}{side}: {{red: {limit}}}}}"
            )
        text.append(
            f"  - {{name: {metric}-mean, kind: window, metric: {metric}, aggregate: mean, every: 60s, "
            f"above: {{yellow: {base * 1.12}}}}}"
        )
    registry = "\n".join(["id,kind,department,district,lat,lon,metrics,interval", *rows])
    return Body(files={"sensors.csv": registry, "rules/bench.yaml": "\n".join(text)})


def frames(readings: int) -> Iterator[tuple[int, bytes]]:
    """Each sensor sends every 600 ms of event time, one reading of a thousand far out; a frame holds 2,000."""
    chance = random.Random(7).random
    of: dict[int, list[int]] = {p: [] for p in range(PARTITIONS)}
    for i in range(SENSORS):
        of[partition_of(f"sensor-{i:04d}", PARTITIONS)].append(i)
    buffers: dict[int, dict[str, Columns]] = {p: {} for p in of}
    held, closed = dict.fromkeys(of, 0), dict.fromkeys(of, 0)
    for row in range(readings // SENSORS):
        now = START + row * EVERY
        for partition, members in of.items():
            buffer = buffers[partition]
            for i in members:
                metric = METRICS[i % 5]
                base = BASE[metric]
                columns = buffer.get(metric)
                if columns is None:
                    columns = buffer[metric] = Columns([], [], [])
                columns.sensor.append(f"sensor-{i:04d}")
                columns.ts.append(now + i * EVERY // SENSORS)
                value = base * 4 if chance() < 0.001 else round(base + (chance() - 0.5) * base * 0.5, 3)
                columns.value.append(value)
            held[partition] += len(members)
            if held[partition] + len(members) > FRAME:
                for columns in buffer.values():
                    columns.ts = [ts - now for ts in columns.ts]
                yield partition, encode(Frame(VERSION, now, now, buffer))
                buffers[partition], held[partition] = {}, 0
                closed[partition] += 1
                if closed[partition] % TICK == 0:
                    yield partition, encode(Frame(VERSION, now, now, {}, "bridge-1"))


def preload(kafka: str, readings: int) -> tuple[dict[int, int], int]:
    """Fill `readings`; the end of each partition and the number of readings in it."""
    producer = Producer({"bootstrap.servers": kafka, "compression.type": "lz4", "linger.ms": 20})
    reader = {p: FrameReader(p, PARTITIONS) for p in range(PARTITIONS)}
    ends, total = dict.fromkeys(range(PARTITIONS), 0), 0
    key, text = body_record(body())
    producer.produce("catalogue", text, key)
    begin = [(partition, encode(switch(body().hash, 1, START))) for partition in range(PARTITIONS)]
    for partition, value in chain(begin, frames(readings)):
        producer.produce("readings", value, partition=partition)
        producer.poll(0)
        ends[partition] += 1
        total += reader[partition].read(value).readings()
    assert producer.flush(60) == 0
    return ends, total


def bare(kafka: str, ends: dict[int, int]) -> dict[str, float]:
    """The loop that a tutorial would write, with the same engine: no group, no state, findings sent and forgotten."""
    known = sound(body())
    engines = {p: Engine(partition=p, partitions=PARTITIONS) for p in ends}
    readers = {p: FrameReader(p, PARTITIONS) for p in ends}
    consumer = Consumer(
        {"bootstrap.servers": kafka, "group.id": "bare", "enable.auto.commit": False, "fetch.queue.backoff.ms": 5}
    )
    consumer.assign([TopicPartition("readings", p, 0) for p in ends])
    producer = Producer({"bootstrap.servers": kafka, "linger.ms": 5, "compression.type": "lz4"})
    left, findings, began, cpu = sum(ends.values()), 0, 0.0, 0.0
    while left:
        for message in consumer.consume(100, 1.0):
            if not began:
                began, cpu = time.perf_counter(), time.process_time()
            partition, offset = message.partition(), message.offset()
            frame = readers[partition].read(message.value())
            engine = engines[partition]
            if frame.catalogue:
                engine.switch(offset, frame, known)
                left -= 1
                continue
            for finding in engine.tick(offset, frame) if frame.tick else engine.frame(offset, frame):
                producer.produce("findings", encode_finding(finding), finding.key)
                findings += 1
            left -= 1
        producer.poll(0)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    producer.flush(30)
    consumer.close()
    return {"seconds": seconds, "cpu": used, "findings": findings}


def ours(kafka: str, ends: dict[int, int], group: str, folder: str) -> None:
    """The whole judge, in this process; prints its times when it has reached the end and flushed, then stops."""
    settings = JudgeSettings(
        kafka=kafka, partitions=PARTITIONS, data_dir=Path(folder), group=group, state=group, area_state=f"{group}-areas"
    )
    prepare("judge", kafka)
    app, host, judging = build(settings)
    take, left = judging.take, sum(ends.values())
    began = cpu = 0.0

    async def timed(partition: int, offset: int, value: bytes | None) -> None:
        nonlocal left, began, cpu
        if not began:
            began, cpu = time.perf_counter(), time.process_time()
        await take(partition, offset, value)
        left -= partition >= 0  # the others are the second stage's
        if not left:
            seconds, used = time.perf_counter() - began, time.process_time() - cpu
            await judging.flush()
            flushed = time.perf_counter() - began
            print(
                json.dumps({"seconds": seconds, "flushed": flushed, "cpu": used, "findings": judging.found}), flush=True
            )

    judging.take = timed  # type: ignore[method-assign]
    run(app, host)


def child(kafka: str, mode: str, ends: dict[int, int], group: str, folder: str) -> dict[str, float]:
    words = [sys.executable, __file__, "--mode", mode, "--kafka", kafka, "--ends", json.dumps(ends), "--group", group]
    log = Path(folder) / f"{mode}.log"
    with log.open("w") as errors:
        process = subprocess.Popen([*words, "--folder", folder], stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(log.read_text()[-4000:])
        found: dict[str, float] = json.loads(line)
        return found
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def measure(kafka: Any, readings: int, rounds: int) -> dict[str, object]:
    state = {f"bench-{number}{more}": PARTITIONS for number in range(rounds) for more in ("", "-areas")}
    create_topics(kafka.address, judge_topics(PARTITIONS, findings=4) | state)
    ends, total = preload(kafka.address, readings)
    print(f"{total} readings in {sum(ends.values())} records", flush=True)
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for mode in ("bare", "ours"):
                found = child(kafka.address, mode, ends, f"bench-{number}", folder)
                rates[mode].append(total / found["seconds"])
                print(mode, {name: round(value, 3) for name, value in found.items()},
                      f"{rates[mode][-1]:,.0f} readings/s", f"{found['cpu'] / total * 1e6:.2f} µs CPU a reading",
                      flush=True)  # fmt: skip
    mine, peer = median(rates["ours"]), median(rates["bare"])
    return {
        "name": "judge",
        "ours": round(mine),
        "peer": round(peer),
        "ratio": round(mine / peer, 2),
        "unit": "readings/s",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--readings", type=int, default=6_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    for hidden in ("mode", "kafka", "ends", "group", "folder"):
        parser.add_argument(f"--{hidden}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.mode:
        ends = {int(p): end for p, end in json.loads(options.ends).items()}
        if options.mode == "ours":
            ours(options.kafka, ends, options.group, options.folder)
        else:
            print(json.dumps(bare(options.kafka, ends)), flush=True)
        return
    try:
        kafka: servers.Kafka | embedded.Kafka = servers.Kafka()
    except servers.UnavailableError as why:
        print(f"not Apache Kafka but the embedded one: {why}")
        kafka = embedded.Kafka()
    try:
        kafka.start()
        print(json.dumps(measure(kafka, options.readings, options.rounds)))
    finally:
        kafka.remove()


if __name__ == "__main__":
    main()
