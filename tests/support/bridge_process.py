"""A bridge as a process of its own, for tests that kill it: `python -m tests.support.bridge_process SETTINGS STATUS`.

SETTINGS is JSON; each second its report goes to the file STATUS.
"""

import json
import logging
import os
import sys
from pathlib import Path

from ingest.bridge import run_ingest
from ingest.settings import IngestSettings, MqttSettings
from tests.support.flood import SENSORS
from tests.support.ingest_city import fleet


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(levelname)s %(message)s")
    given, status = json.loads(sys.argv[1]), Path(sys.argv[2])
    settings = IngestSettings(**{**given, "mqtt": MqttSettings(**given["mqtt"])})

    def report(figures: dict[str, object]) -> None:
        fresh = status.with_suffix(".new")
        fresh.write_text(json.dumps({**figures, "pid": os.getpid()}))
        fresh.replace(status)

    run_ingest(settings, fleet(SENSORS), report)


if __name__ == "__main__":
    main()
