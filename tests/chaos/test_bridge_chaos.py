"""Bridges killed, frozen and cut off while thousands of messages a second come in: nothing accepted may be missing,
and no tick may stand before a reading that the broker had accepted before the tick was published.

URBANPULSE_CHAOS_SECONDS shortens the time of publishing (default 260 and 120 s), _SEED changes the plan.
"""

import array
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.identity import refusal_id
from tests.support.flood import message
from tests.support.log_reader import FrameLog, LogReader, create_topics, readings_of
from tests.support.servers import REPOSITORY, Kafka, Mosquitto, UnavailableError

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1500)]

PARTITIONS, RATE = 8, 4000
SEED = int(os.environ.get("URBANPULSE_CHAOS_SEED", "1"))
FREEZE_SECONDS, KEEPALIVE = 15.0, 5


@pytest.fixture
def servers() -> Iterator[tuple[Mosquitto, Kafka]]:
    started: list[Mosquitto | Kafka] = []
    try:
        for make in (lambda: Mosquitto(anonymous=True), Kafka):
            started.append(make())
            started[-1].start()
        mqtt, kafka = started
        assert isinstance(mqtt, Mosquitto) and isinstance(kafka, Kafka)
        yield mqtt, kafka
    except UnavailableError as error:
        pytest.skip(str(error))
    finally:
        for server in started:
            server.remove()


class Supervised:
    """One bridge, started again at once whenever it ends."""

    def __init__(self, name: str, filters: str, mqtt: Mosquitto, kafka: Kafka, folder: Path) -> None:
        settings = {
            "id": name,
            "partitions": PARTITIONS,
            "filter": filters,
            "kafka": kafka.address,
            "mqtt": {"port": mqtt.port, "keepalive": KEEPALIVE},
        }
        self.name, self._settings = name, json.dumps(settings)
        self._status = folder / f"{name}.json"
        self._log = (folder / f"{name}.log").open("ab")
        self.lives, self.peak_mb, self.frozen, self._over = 0, 0.0, False, False
        self.exits: list[int] = []
        self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> None:
        self.lives += 1
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.bridge_process", self._settings, str(self._status)],
            cwd=REPOSITORY, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def _keep(self) -> None:
        while not self._over:
            if self.process.poll() is not None:
                self.exits.append(self.process.returncode)
                self._start()
            try:
                pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
                self.peak_mb = max(self.peak_mb, pages * os.sysconf("SC_PAGESIZE") / 1e6)
            except (OSError, IndexError):
                pass
            time.sleep(0.05)

    def connected(self) -> bool:
        """This life has a connection and has received messages on it."""
        try:
            figures = json.loads(self._status.read_text())
        except (OSError, ValueError):
            return False
        alive = figures["pid"] == self.process.pid and not self.frozen
        return bool(alive and figures["mqtt"] == "up" and figures["messages"] > 0)

    def kill(self) -> None:
        life, pid = self.lives, self.process.pid
        os.kill(pid, signal.SIGKILL)
        while self.lives == life:
            time.sleep(0.01)

    def freeze(self) -> None:
        process, self.frozen = self.process, True
        process.send_signal(signal.SIGSTOP)
        time.sleep(FREEZE_SECONDS)
        process.send_signal(signal.SIGCONT)
        self.frozen = False

    def stop(self) -> int:
        self._over = True
        self._keeper.join()
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            self._log.close()


class Plan:
    """What is done to whom and when. Kafka's one outage runs beside the rest."""

    def __init__(self, seconds: float, bridges: list[Supervised], mqtt: Mosquitto, kafka: Kafka, outage: float) -> None:
        self._random = random.Random(SEED)
        self._end = time.monotonic() + seconds
        self._seconds, self._outage = seconds, outage
        self._bridges, self._mqtt, self._kafka = bridges, mqtt, kafka
        self._kafka_is_away = False
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        outage = threading.Thread(target=self._kafka_away)
        outage.start()
        turn = 0
        while self._pause(self._random.uniform(0.2, 1.5)):
            turn += 1
            if turn % 10 == 4:
                self.done["broker restarts"] += 1
                self._mqtt.stop()
                self._mqtt.start()
            elif turn % 10 == 8:
                self.done["freezes"] += 1
                self._random.choice(self._bridges).freeze()
            elif not self._kafka_is_away:  # one process must live through the whole outage
                self._kill()
        outage.join()

    def _kill(self) -> None:
        """Only a bridge that is connected, so that every kill hurts."""
        while time.monotonic() < self._end:
            if alive := [bridge for bridge in self._bridges if bridge.connected()]:
                self.done["kills"] += 1
                self._random.choice(alive).kill()
                return
            time.sleep(0.02)

    def _kafka_away(self) -> None:
        if not self._pause(max(5.0, (self._seconds - self._outage) / 2)):
            return
        self.done["Kafka stops"] += 1
        self._kafka_is_away = True
        time.sleep(3.0)  # and it must be connected when the outage begins
        self._kafka.stop()
        time.sleep(self._outage)
        self._kafka.start()
        self._kafka_is_away = False

    def _pause(self, seconds: float) -> bool:
        time.sleep(max(0.0, min(seconds, self._end - time.monotonic())))
        return time.monotonic() < self._end


def settled(kafka: Kafka, bridges: list[Supervised], after: int, seconds: float) -> bool:
    """Every partition holds a tick later than `after` from every bridge: then everything published is in."""
    log, missing = (
        FrameLog(kafka.address, "readings", PARTITIONS),
        {(p, b.name) for p in range(PARTITIONS) for b in bridges},
    )
    deadline = time.monotonic() + seconds
    while missing and time.monotonic() < deadline:
        for record, frame in log.frames():
            if frame.tick and frame.t > after:
                missing.discard((record.partition, frame.tick))
    log.close()
    return not missing


def account(kafka: Kafka, names: list[str], acked: "array.array[float]", base: int) -> dict[str, object]:
    """Compare what the publisher was promised with what the log holds."""
    want: dict[tuple[str, str, int], float] = {}
    refusals: set[str] = set()
    for i, at in enumerate(acked):
        if at > 0:
            one = message(i, base, "all")
            want.update(dict.fromkeys(one.readings, at))
            refusals.update(refusal_id(one.topic, one.payload, index) for _, index in one.refusals)
    clock = [dict.fromkeys(names, 0) for _ in range(PARTITIONS)]
    seen: set[tuple[str, str, int]] = set()
    repeats = early = ticks = frames = 0
    worst = 0.0
    log = FrameLog(kafka.address, "readings", PARTITIONS)
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 3:
        for record, frame in log.frames():
            quiet_since = time.monotonic()
            told = clock[record.partition]
            if frame.tick:
                ticks += 1
                told[frame.tick] = max(told[frame.tick], frame.t)
                continue
            frames += 1
            now = min(told.values()) / 1000
            for sensor, metric, ts, _ in readings_of(frame):
                identity = (sensor, metric, ts)
                if identity in seen:
                    repeats += 1
                    continue
                seen.add(identity)
                if want.get(identity, now) < now:
                    early += 1
                    worst = max(worst, now - want[identity])
    log.close()
    refused = LogReader(kafka.address, "refused", 1)
    found = [record.headers["id"].decode() for record in refused.until_quiet(3.0, 60.0)]
    refused.close()
    return {
        "accepted": len(want),
        "missing": len(want.keys() - seen),
        "repeats": repeats,
        "unasked": len(seen - want.keys()),
        "refusals": len(refusals),
        "refusals missing": len(refusals - set(found)),
        "frames": frames,
        "ticks": ticks,
        "ticks too early": early,
        "worst s": round(worst, 3),
    }


@pytest.mark.parametrize(
    ("filters", "default_seconds", "outage"), [(["city/#"], 260, 150), (["city/a/#", "city/b/#"], 120, 15)]
)
def test_nothing_accepted_is_missing_and_no_tick_is_early(
    servers: tuple[Mosquitto, Kafka], tmp_path: Path, filters: list[str], default_seconds: int, outage: int
) -> None:
    mqtt, kafka = servers
    seconds = int(os.environ.get("URBANPULSE_CHAOS_SECONDS", default_seconds))
    outage = min(outage, seconds * 2 // 3)
    create_topics(kafka.address, {"readings": PARTITIONS, "refused": 1})
    names = [f"bridge-{number + 1}" for number in range(len(filters))]
    bridges = [Supervised(name, one, mqtt, kafka, tmp_path) for name, one in zip(names, filters, strict=True)]
    count, out = RATE * seconds, tmp_path / "acked"
    base = int(time.time() * 1000) - count - 3_600_000
    flood = None
    try:
        time.sleep(4)  # the subscriptions must be there before the first message
        flood = subprocess.Popen(
            [sys.executable, "-m", "tests.support.flood", "--port", str(mqtt.port), "--count", str(count), "--rate",
             str(RATE), "--base", str(base), "--out", str(out)],
            cwd=REPOSITORY, stdout=subprocess.PIPE,
        )  # fmt: skip
        plan = Plan(seconds, bridges, mqtt, kafka, outage)
        plan.run()
        said, _ = flood.communicate(timeout=300)
        assert settled(kafka, bridges, int(time.time() * 1000) + 1000, 180)
        exits = [bridge.stop() for bridge in bridges]
    finally:
        if flood is not None:
            flood.kill()
        for bridge in bridges:
            bridge.stop()
        for name in names:
            sys.stderr.write((tmp_path / f"{name}.log").read_text()[-3000:])
    acked = array.array("d")
    acked.frombytes(out.read_bytes())
    result = account(kafka, names, acked, base)
    lives = {bridge.name: bridge.lives for bridge in bridges}
    memory = {bridge.name: round(bridge.peak_mb) for bridge in bridges}
    unexpected = [code for bridge in bridges for code in bridge.exits if code != -signal.SIGKILL]
    print(json.dumps({**plan.done, **result, "lives": lives, "peak MB": memory, "publisher": json.loads(said)}))
    assert result["accepted"] > count * 0.9
    assert result["missing"] == result["refusals missing"] == result["ticks too early"] == 0
    assert plan.done["kills"] > 0 and plan.done["Kafka stops"] == 1
    assert exits == [0] * len(bridges) and not unexpected
    assert max(memory.values()) < 250
