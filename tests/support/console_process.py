"""A console as a process of its own, over a real desk and store in a folder: `python -m tests.support.console_process
FOLDER PORT`. Prints its figures as JSON lines."""

import json
import sys
from pathlib import Path

from console.city import CityView
from console.service import ConsoleSettings, run_console
from rules.catalogue import Catalogue, parse_rules
from tests.support.console_twins import sensor

RULES = """
rules:
  - {name: smog-pm25, kind: threshold, metric: pm25, above: {yellow: 115, orange: 150}}
"""


def settings(folder: Path, port: int) -> ConsoleSettings:
    return ConsoleSettings(
        store_url=f"sqlite:///{folder}/readings.db",
        alerts_url=f"sqlite:///{folder}/alerts.db",
        port=port,
        stats_dir=folder / "stats",
        status_file=folder / "status.json",
        city="Testburg",
    )


def catalogue() -> Catalogue:
    rules, _ = parse_rules(RULES, "rules.yaml")
    return Catalogue({one.id: one for one in (sensor(f"air-north-{n}") for n in range(1, 6))}, tuple(rules))


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    run_console(settings(folder, port), CityView(catalogue()), lambda figures: print(json.dumps(figures), flush=True))


if __name__ == "__main__":
    main()
