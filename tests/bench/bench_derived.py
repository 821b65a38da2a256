"""What derived metrics cost: the engine over two days of stations of every kind, with indices and without.

Each sensor speaks every 5 minutes; there are no rules, so the difference is windows, tallies, trails and formulas. Run
as a script; the last line is JSON.
"""

import argparse
import gc
import json
import random
import time
from zoneinfo import ZoneInfo

from rules.catalogue import Catalogue, parse_rules
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.frame import VERSION, Columns, Frame, FrameReader, encode
from rules.sensor import Channel, Sensor
from rules.units import METRICS

START = 1_780_272_000_000
INTERVAL = 300_000
KINDS = {
    "air": ("pm25", "pm10", "so2", "no2", "o3", "co"),
    "noise": ("noise",),
    "weather": ("temperature", "humidity", "wind_speed", "rain"),
    "traffic": ("speed", "flow", "occupancy"),
}
USUAL = {
    "pm25": 60, "pm10": 90, "so2": 10, "no2": 40, "o3": 60, "co": 1, "noise": 60, "temperature": 25, "humidity": 0.5,
    "wind_speed": 3, "rain": 0.1, "speed": 40, "flow": 900, "occupancy": 0.2,
}  # fmt: skip
RULE = "  - {{name: r-{}, kind: threshold, metric: {}, above: {{red: 1e6}}}}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensors", type=int, default=40, help="of each kind")
    parser.add_argument("--hours", type=int, default=48)
    options = parser.parse_args()
    known = {
        f"{kind}-{number}": Sensor(
            f"{kind}-{number}", kind, "d", "north", 1.0, 1.0, {m: Channel(METRICS[m].unit) for m in metrics}, INTERVAL
        )
        for kind, metrics in KINDS.items()
        for number in range(options.sensors)
    }
    rules, _ = parse_rules("rules:\n" + "\n".join(RULE.format(m.replace("_", "-"), m) for m in USUAL), "bench")
    dice, records, readings = random.Random(5), list[bytes](), 0
    for step in range(options.hours * 12):
        now = START + step * INTERVAL
        columns: dict[str, Columns] = {}
        for sensor in known.values():
            for metric in sensor.channels:
                into = columns.setdefault(metric, Columns([], [], []))
                into.sensor.append(sensor.id)
                into.ts.append(dice.randrange(1000))
                into.value.append(round(USUAL[metric] * (0.5 + dice.random()), 2))
                readings += 1
        records += [encode(Frame(VERSION, now, now, columns)), encode(Frame(VERSION, now + INTERVAL, now, tick="b"))]
    found: dict[str, tuple[float, int, int]] = {}
    for name, indices in {"without": None, "with": Indices(ZoneInfo("Asia/Shanghai"))}.items():
        engine, reader = (
            Engine(Catalogue(known, tuple(rules), indices=indices), partition=0, partitions=1),
            FrameReader(0, 1),
        )
        gc.collect()
        begun, made = time.process_time(), 0
        for offset, record in enumerate(records):
            frame = reader.read(record)
            (engine.tick if frame.tick else engine.frame)(offset, frame)
            made += len(engine.derived)
        spent = time.process_time() - begun
        size = sum(map(len, engine.pack().values()))
        found[name] = spent, made, size
        state = size / len(known)
        print(f"{name}: {spent / readings * 1e6:.2f} us a reading, {made} derived, {state:.0f} bytes of state a sensor")
    (bare, _, _), (full, made, size) = found["without"], found["with"]
    line = {
        "name": f"derived metrics of {len(known)} stations over {options.hours} h",
        "ours": round((full - bare) / made * 1e6, 1),
        "a_reading": round((full - bare) / readings * 1e6, 2),
        "unit": "us of CPU a derived reading, and a reading that came in",
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
