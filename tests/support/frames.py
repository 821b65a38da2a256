"""Frames for tests, and seeded logs of them."""

import random
from collections.abc import Iterable

from rules.frame import VERSION, Columns, Frame, encode
from rules.identity import partition_of

START = 1_750_000_000_000


def frame(readings: Iterable[tuple[str, str, int, float]], wall: int = START, t: int | None = None) -> Frame:
    """A frame of (sensor, metric, ts, value)."""
    base = wall if t is None else t
    metric: dict[str, Columns] = {}
    for sensor, name, ts, value in readings:
        columns = metric.setdefault(name, Columns([], [], []))
        columns.sensor.append(sensor)
        columns.ts.append(ts - base)
        columns.value.append(value)
    return Frame(VERSION, base, wall, metric)


def tick(t: int, bridge: str = "bridge", wall: int | None = None) -> Frame:
    return Frame(VERSION, t, t if wall is None else wall, {}, bridge)


def sensors_of(partition: int, partitions: int, count: int) -> list[str]:
    """`count` sensor ids that belong to `partition`."""
    found, number = [], 0
    while len(found) < count:
        name = f"sensor-{number:05d}"
        if partition_of(name, partitions) == partition:
            found.append(name)
        number += 1
    return found


MINUTES = 300_000


def speeds(chance: random.Random, names: list[str], start: int) -> list[tuple[str, str, int, float]]:
    """Of some sensors, one a minute for five minutes; of some of them too few to be judged."""
    return [
        (name, "speed", start + minute * 60_000, round(chance.uniform(0, 80), 1))
        for name in chance.sample(names, len(names) // 3)
        for minute in range(chance.choice((2, 3, 4, 5, 5)))
    ]


def random_log(
    chance: random.Random,
    records: int,
    partition: int = 0,
    partitions: int = 1,
    sensors: int = 40,
    start: int = START,
) -> list[bytes]:
    """Frames with outliers and late readings, ticks of two bridges, and now and then a record that is no frame. Some
    frames bring the speeds of some minutes at once, and a tick after them closes a window of them."""
    names = sensors_of(partition, partitions, sensors)
    now, log = start, list[bytes]()
    close_at: list[int] = []
    for _ in range(records):
        now += chance.randrange(20, 400)
        if close_at:
            now = max(now, close_at.pop())
            log.append(encode(tick(now, "north" if close_at else "south")))
        elif chance.random() < 0.05:
            start = now - now % MINUTES + MINUTES
            log.append(encode(frame(speeds(chance, names, start), wall=start + MINUTES)))
            close_at = [start + MINUTES + 40_000] * 2
        elif chance.random() < 0.1:
            log.append(encode(tick(now, chance.choice(("north", "south")))))
        elif chance.random() < 0.03:
            log.append(
                chance.choice((b"", b"{}", b'{"v":1,"t":1,"wall":1,"metric":{"pm25":{"sensor":["x"]}}}', b"\xff\x00"))
            )
        else:
            readings = []
            for _ in range(chance.randrange(1, 12)):
                late = chance.randrange(7000) if chance.random() < 0.05 else 0
                value = 140.0 if chance.random() < 0.1 else round(chance.uniform(5, 95), 3)
                readings.append((chance.choice(names), "pm25", now - chance.randrange(50) - late, value))
            log.append(encode(frame(readings, now)))
    return log
