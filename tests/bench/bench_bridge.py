"""How many MQTT messages a second one bridge takes, live: QoS 1, acknowledged only when Kafka has them (acks=all).

Beside it, in the same run, the bare paho receive loop, which acknowledges at once and does nothing with a message.
Publisher, broker, Kafka and receiver share the machine: on two cores the publisher is the bridge's ceiling, so the CPU
time of each receiver for a message is told too.
Real mosquitto and Apache Kafka when they are installed, else the embedded servers. Prints what it measures and, last,
one JSON line.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from ingest.bridge import Bridge
from ingest.settings import IngestSettings, MqttSettings
from tests.support import embedded, servers
from tests.support.flood import SENSORS
from tests.support.ingest_city import fleet
from tests.support.log_reader import create_topics
from tests.support.tls import TlsMosquitto

PARTITIONS, ROUNDS = 8, 3
OURS, PEERS = 200_000, 60_000  # messages a round
LONGEST = 60.0  # seconds a round


def start_servers() -> tuple[TlsMosquitto | embedded.Mqtt, servers.Kafka | embedded.Kafka]:
    try:
        mqtt: TlsMosquitto | embedded.Mqtt = TlsMosquitto(anonymous=True)
    except servers.UnavailableError:
        mqtt = embedded.Mqtt()
    try:
        kafka: servers.Kafka | embedded.Kafka = servers.Kafka()
    except servers.UnavailableError:
        kafka = embedded.Kafka()
    mqtt.start()
    kafka.start()
    return mqtt, kafka


def _named(server: object) -> str:
    real = {TlsMosquitto: "Mosquitto", servers.Kafka: "Apache Kafka", embedded.Mqtt: "rumqttd", embedded.Kafka: "Tansu"}
    return real[type(server)]


def bridge(options: argparse.Namespace) -> dict[str, float]:
    """Run one bridge until it has acknowledged `count` messages."""
    mqtt = MqttSettings(port=options.mqtt, receive_maximum=options.window, tls=bool(options.ca), ca_file=options.ca)
    settings = IngestSettings("bench", PARTITIONS, mqtt, options.kafka)
    one = Bridge(settings, fleet(SENSORS))
    found: dict[str, float] = {}

    def watch() -> None:
        while one.figures()["mqtt"] != "up":
            time.sleep(0.01)
        print("ready", flush=True)
        ticks = one.account
        while ticks.messages < 100:
            time.sleep(0.002)
        began, first, cpu = time.monotonic(), ticks.messages, time.process_time()
        while ticks.messages < options.count and time.monotonic() - began < LONGEST:
            time.sleep(0.005)
        while one.figures()["unacked"] and time.monotonic() - began < LONGEST:
            time.sleep(0.001)
        seconds, done = time.monotonic() - began, ticks.messages - first
        found.update(rate=done / seconds, cpu_us=(time.process_time() - cpu) / done * 1e6)
        one.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    one.run()
    watcher.join()
    return found


def paho(options: argparse.Namespace) -> dict[str, float]:
    """paho's own loop with automatic acknowledgement, counting."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="bench-paho", protocol=MQTTv5)
    times: list[float] = []
    began: list[float] = []
    count = 0

    def on_message(*_: object) -> None:
        nonlocal count
        count += 1
        if count == 100:
            began.extend((time.monotonic(), time.process_time()))
        elif count == options.count:
            times.extend((time.monotonic(), time.process_time()))
            client.disconnect()

    client.on_message = on_message
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda *_: client.subscribe("city/#", qos=1)
    client.connect("127.0.0.1", options.mqtt)
    client.loop_forever()
    done = options.count - 100
    return {"rate": done / (times[0] - began[0]), "cpu_us": (times[1] - began[1]) / done * 1e6}


def measure(
    role: str, count: int, mqtt: TlsMosquitto | embedded.Mqtt, kafka: str, window: int, tls: bool = False
) -> dict[str, float]:
    """One round: a receiver, over TLS or not, and a publisher, each a process of its own."""
    words = ["--role", role, "--count", str(count), "--kafka", kafka, "--window", str(window)]
    if tls and isinstance(mqtt, TlsMosquitto):
        words += ["--mqtt", str(mqtt.tls_port), "--ca", str(mqtt.ca)]
    else:
        words += ["--mqtt", str(mqtt.port)]
    receiver = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_bridge", *words],
        cwd=servers.REPOSITORY, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert receiver.stdout is not None
        assert receiver.stdout.readline().strip() == "ready"
        base = int(time.time() * 1000) - count - 60_000
        flood = [
            "--port",
            str(mqtt.port),
            "--count",
            str(count),
            "--mix",
            "one",
            "--base",
            str(base),
            "--window",
            "2000",
        ]
        subprocess.run(
            [sys.executable, "-m", "tests.support.flood", *flood],
            cwd=servers.REPOSITORY, stdout=subprocess.DEVNULL, check=True, timeout=2 * LONGEST,
        )  # fmt: skip
        said, _ = receiver.communicate(timeout=2 * LONGEST)
    finally:
        receiver.kill()
    result: dict[str, float] = json.loads(said.splitlines()[-1])
    print(f"{role}{', TLS' * tls}: {result['rate']:,.0f} messages/s, {result['cpu_us']:.1f} us of CPU each", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["bridge", "paho"])
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--mqtt", type=int, default=0)
    parser.add_argument("--kafka", default="")
    parser.add_argument("--ca", default="")
    parser.add_argument("--window", type=int, default=2000)
    options = parser.parse_args()
    if options.role:
        print(json.dumps(bridge(options) if options.role == "bridge" else paho(options)), flush=True)
        return
    mqtt, kafka = start_servers()
    try:
        create_topics(kafka.address, {"readings": PARTITIONS, "refused": 1})
        window = mqtt.receive_maximum if isinstance(mqtt, embedded.Mqtt) else options.window
        where = _named(mqtt) + " and " + _named(kafka)
        print(f"servers: {where}", flush=True)
        ours, peer = [], []
        for _ in range(ROUNDS):
            peer.append(measure("paho", PEERS, mqtt, kafka.address, window))
            ours.append(measure("bridge", OURS, mqtt, kafka.address, window))
        if isinstance(mqtt, TlsMosquitto):
            measure("bridge", OURS, mqtt, kafka.address, window, tls=True)
    finally:
        mqtt.remove()
        kafka.remove()
    mine, theirs = (median(one["rate"] for one in rounds) for rounds in (ours, peer))
    cpu = {
        "ours_cpu_us": round(median(one["cpu_us"] for one in ours), 1),
        "peer_cpu_us": round(median(one["cpu_us"] for one in peer), 1),
    }
    result = {"ours": round(mine), "peer": round(theirs), "ratio": round(mine / theirs, 2), "unit": "messages/s"}
    print(json.dumps({"name": "bridge", **result, **cpu, "servers": where}))


if __name__ == "__main__":
    main()
