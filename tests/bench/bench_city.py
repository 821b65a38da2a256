"""`urbanpulse up` from installed to the first alert on the page, and what the embedded city costs while hardly anything
happens: 632 sensors at their own pace, some ten readings a second.

CPU and memory are those of /proc, so this runs on Linux only. There is no peer to run beside it: `peer` is the bar.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.command import Command

BROKERS = {"mqtt", "kafka"}
FIRST_ALERT_S, IDLE_PERCENT, RESIDENT_MB = 30.0, 5.0, 700.0
TICKS = os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(below for child in children for below in descendants(int(child)))]


def cpu_seconds(pids: list[int]) -> float:
    """User and system time so far, of those that still live."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mb(pids: list[int]) -> float:
    """Resident memory; pages that processes share count once for each, so this is an upper bound."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def first_alert(log: Path, begun: float) -> float:
    """Seconds from `begun` until the page shows an alert to acknowledge."""
    while time.monotonic() - begun < 120:
        found = re.search(r"board +(http://\S+)", log.read_text())
        if found:
            try:
                with urllib.request.urlopen(found[1], timeout=5) as page:
                    if b"Acknowledge" in page.read():
                        return time.monotonic() - begun
            except OSError:
                pass
        time.sleep(0.1)
    raise SystemExit(f"no alert within two minutes:\n{log.read_text()}")


def measure(settle: float, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "up.log"
        command = Command(Path(folder))
        begun = time.monotonic()
        with log.open("w") as out:
            process = command.start("up", stdout=out, stderr=subprocess.STDOUT)
        try:
            alert = first_alert(log, begun)
            print(f"first alert on the page after {alert:.1f} s", flush=True)
            time.sleep(settle)
            parts = command.parts()
            trees = {name: descendants(part["pid"]) for name, part in parts.items() if part["pid"]}
            trees["supervisor"] = [process.pid]
            before = {name: cpu_seconds(pids) for name, pids in trees.items()}
            time.sleep(seconds)
            shares = {name: (cpu_seconds(pids) - before[name]) / seconds * 100 for name, pids in trees.items()}
            memory = {name: resident_mb(pids) for name, pids in trees.items()}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    for name in sorted(shares):
        print(f"  {name:<12} {shares[name]:5.2f} % of a core  {memory[name]:6.1f} MB")
    ours = sum(share for name, share in shares.items() if name not in BROKERS)
    return {
        "name": "city",
        "ours": round(alert, 1),
        "peer": FIRST_ALERT_S,
        "ratio": round(FIRST_ALERT_S / alert, 2),
        "unit": "s to the first alert (peer: the bar)",
        "idle_percent_of_a_core": round(ours, 2),
        "idle_bar": IDLE_PERCENT,
        "resident_mb": round(sum(memory.values())),
        "resident_bar": RESIDENT_MB,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--settle", type=float, default=20, help="seconds to wait before measuring")
    options.add_argument("--seconds", type=float, default=30, help="seconds to measure")
    asked = options.parse_args()
    print(json.dumps(measure(asked.settle, asked.seconds)))


if __name__ == "__main__":
    main()
