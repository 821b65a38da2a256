"""Faults planted into a city that runs, for the account to find."""

import sqlite3
from contextlib import closing
from pathlib import Path

from rules.frame import encode
from rules.identity import partition_of
from tests.support.frames import frame
from urbanpulse.kafka import producer
from urbanpulse.run_folder import Run


def plant(folder: Path, sensor: str, lost: str, doubled: str) -> None:
    """Takes the first reading of `lost` out of the store, sends the first of `doubled` again with another value, and
    one more to a partition that is not the sensor's."""
    run = Run(folder)
    endpoints, partitions = run.endpoints(), 8
    with closing(sqlite3.connect(endpoints.store.removeprefix("sqlite:///"), timeout=30)) as store, store:
        first = (
            "SELECT point.sid, ts, value FROM point JOIN series USING (sid) "
            "WHERE sensor = ? AND metric = ? ORDER BY ts LIMIT 1"
        )
        sid, ts, _ = store.execute(first, (sensor, lost)).fetchone()
        store.execute("DELETE FROM point WHERE sid = ? AND ts = ?", (sid, ts))
        _, ts, value = store.execute(first, (sensor, doubled)).fetchone()
    home = partition_of(sensor, partitions)
    with producer(endpoints.kafka) as sender:
        doubled_frame = encode(frame([(sensor, doubled, ts, value + 1.0)], ts))
        sender.send("readings", doubled_frame, partition=home).get(10)
        astray = encode(frame([(sensor, doubled, ts + 1, value)], ts))
        sender.send("readings", astray, partition=(home + 1) % partitions).get(10)
