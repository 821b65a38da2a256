"""The part `alerts` as a program, for tests that kill it. Arguments: Kafka, database URL, data folder, webhook URL.

The secret comes from the environment variable SECRET. Each report is printed as a line of JSON.
"""

import json
import sys
from pathlib import Path

from alerts.endpoint import Policy
from alerts.service import run_alerts
from alerts.settings import AlertSettings
from tests.support.alert_findings import department, webhook


def main(kafka: str, database: str, folder: str, url: str) -> None:
    settings = AlertSettings(
        kafka=kafka,
        database_url=database,
        departments=department(hook=webhook(url)),
        data_dir=Path(folder),
        policy=Policy(allow_loopback=True),
    )
    run_alerts(settings, lambda report: print(json.dumps(report), flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
