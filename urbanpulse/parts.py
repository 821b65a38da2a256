"""The parts of a city: how each is started, in a process of its own. Imports only what the part at hand needs."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from rules.secret import Secret
from urbanpulse import current, stats
from urbanpulse.deployment import Deployment
from urbanpulse.ports import LOOPBACK
from urbanpulse.run_folder import Run
from urbanpulse.trouble import TroubleError

WEBHOOK_SECRET = "URBANPULSE_WEBHOOK_SECRET"  # a variable's name, which departments.yaml of the sample city uses too

CATALOGUE_SECONDS = 10.0
"""How long the console waits for rules to show before it shows none yet."""

Part = Callable[[Deployment, str], None]
"""Runs until its work is done or SIGTERM comes. The text is the id of the bridge, for `ingest` alone."""


def mqtt(deployment: Deployment, _: str) -> None:
    from urbanpulse.embedded import mqtt as broker

    _only_embedded("mqtt", deployment)
    file = deployment.run.folder / "mqtt.toml"
    file.write_text(broker.config(deployment.endpoints.mqtt_port, deployment.endpoints.mqtt_plain))
    broker.serve(file)


def kafka(deployment: Deployment, _: str) -> None:
    from urbanpulse.embedded import kafka as broker

    _only_embedded("kafka", deployment)
    broker.serve(int(deployment.endpoints.kafka.rpartition(":")[2]))


def ingest(deployment: Deployment, bridge: str) -> None:
    from ingest.bridge import run_ingest
    from ingest.settings import IngestSettings, MqttSettings
    from rules.body import sensors_of
    from urbanpulse.following import Following

    settings, endpoints = deployment.settings, deployment.endpoints
    plans = settings.ingest.bridges
    plan = next((plan for plan in plans if plan.id == bridge), plans[0] if not bridge else None)
    if plan is None:
        raise TroubleError(f"there is no bridge {bridge!r}; there are {', '.join(one.id for one in plans)}")
    server = MqttSettings(
        host=endpoints.mqtt_host,
        port=endpoints.mqtt_port,
        tls=endpoints.mqtt_tls,
        username=settings.mqtt.username,
        password=settings.mqtt.password,
        ca_file=_beside(deployment, settings.mqtt.ca_file),
        receive_maximum=100 if "mqtt" in endpoints.embedded else 1000,  # rumqttd's window is 100, whatever is asked
    )
    run_ingest(
        IngestSettings(
            id=plan.id,
            mqtt=server,
            kafka=endpoints.kafka,
            # The embedded broker is the city's alone, and keeps one order of all things within one filter only.
            filter="#" if "mqtt" in endpoints.embedded else plan.filter,
            clock=endpoints.clock,
            ahead_ms=settings.ingest.ahead,
            past_ms=settings.ingest.past,
            partitions=settings.kafka.partitions,
        ),
        report=stats.writer(deployment.run.stats, part_name(deployment, plan.id)),
        follow=lambda adopt: Following(
            endpoints.kafka, lambda body: adopt(sensors_of(body)), settings.kafka.partitions
        ).start(),
    )


def part_name(deployment: Deployment, bridge: str) -> str:
    """`ingest`, or with several bridges `ingest-<id>`."""
    return "ingest" if len(deployment.settings.ingest.bridges) == 1 else f"ingest-{bridge}"


def judge(deployment: Deployment, _: str) -> None:
    from streams.judge import run_judge
    from streams.settings import JudgeSettings

    settings = JudgeSettings(
        kafka=deployment.endpoints.kafka,
        partitions=deployment.settings.kafka.partitions,
        data_dir=_own(deployment, "judge"),
        flush_seconds=deployment.settings.judge.flush / 1000,
        idempotent=not deployment.embedded_kafka,
    )
    run_judge(settings, stats.writer(deployment.run.stats, "judge"))


def record(deployment: Deployment, _: str) -> None:
    from streams.record import run_record
    from streams.settings import RecordSettings

    settings = RecordSettings(
        kafka=deployment.endpoints.kafka,
        partitions=deployment.settings.kafka.partitions,
        store_url=deployment.endpoints.store,
        store_secret=deployment.store_secret,
        data_dir=_own(deployment, "record"),
        idempotent=not deployment.embedded_kafka,
    )
    run_record(settings, stats.writer(deployment.run.stats, "record"))


def alerts(deployment: Deployment, _: str) -> None:
    from alerts.departments import parse_departments
    from alerts.endpoint import Policy
    from alerts.places import Places
    from alerts.service import run_alerts
    from alerts.settings import AlertSettings
    from urbanpulse.catalogue_folder import load_catalogue

    file = deployment.folder / "departments.yaml"
    departments, faults = parse_departments(file.read_text(encoding="utf-8"), str(file))
    if faults:
        raise TroubleError("\n".join(map(str, faults)))
    wanted = deployment.settings.alerts
    catalogue = load_catalogue(deployment.folder, deployment.settings)
    settings = AlertSettings(
        kafka=deployment.endpoints.kafka,
        database_url=deployment.alerts_url,
        departments=departments,
        data_dir=_own(deployment, "alerts"),
        secrets_dir=Path(deployment.endpoints.origin),
        policy=Policy(
            allow_loopback=wanted.allow_loopback or bool(deployment.endpoints.department),
            allow_private=wanted.allow_private,
        ),
        places=Places(catalogue.sensors, catalogue.shapes),
    )
    environ = dict(os.environ)
    practice = webhook_secret(deployment.run)
    if practice.is_file():
        environ.setdefault(WEBHOOK_SECRET, practice.read_text().strip())
    run_alerts(settings, stats.writer(deployment.run.stats, "alerts"), environ=environ)


def console(deployment: Deployment, _: str) -> None:
    from console.city import CityView
    from console.service import ConsoleSettings, run_console
    from rules.body import sound
    from urbanpulse import __version__
    from urbanpulse.following import Following

    endpoints, run, city = deployment.endpoints, deployment.run, deployment.settings
    settings = ConsoleSettings(
        store_url=endpoints.store,
        store_secret=deployment.store_secret,
        alerts_url=deployment.alerts_url,
        host=endpoints.console_host,
        port=endpoints.console_port,
        names=city.console.names,
        stats_dir=run.stats,
        status_file=run.status,
        city=city.city.name,
        timezone=city.city.timezone,
        version=__version__,
    )
    view = CityView(refused=lambda: now.refused if (now := current.load(run)) is not None else ())
    Following(endpoints.kafka, lambda body: view.adopt(sound(body))).start().wait(CATALOGUE_SECONDS)
    run_console(settings, view, stats.writer(run.stats, "console"))


def simulator(deployment: Deployment, _: str) -> None:
    from urbanpulse.publishing import run_plan

    run_plan(deployment)


def department(deployment: Deployment, _: str) -> None:
    from urllib.parse import urlsplit

    from simulators.department import DepartmentSettings, run_department

    port = urlsplit(deployment.endpoints.department).port or deployment.settings.department.port
    file = webhook_secret(deployment.run)
    secret = Secret(file.read_text().strip() if file.is_file() else os.environ.get(WEBHOOK_SECRET, ""))
    if not secret.reveal():
        raise TroubleError(f"the department needs the webhook secret: set {WEBHOOK_SECRET}, or put it into {file}")
    settings = DepartmentSettings(LOOPBACK, port, secret, received(deployment.run))
    run_department(settings, stats.writer(deployment.run.stats, "department"))


def _only_embedded(name: str, deployment: Deployment) -> None:
    if name not in deployment.endpoints.embedded:
        raise TroubleError(f"{name} is a server of its own in this city, and nothing that we start")


def webhook_secret(run: Run) -> Path:
    """The file with the secret that the practice receiver shares with the city."""
    return run.secrets / "webhook"


def received(run: Run) -> Path:
    """Where the practice receiver keeps what arrives, one line a request."""
    return run.data / "received.jsonl"


def _own(deployment: Deployment, part: str) -> Path:
    folder = deployment.run.data / part
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _beside(deployment: Deployment, name: str) -> str:
    return str(Path(deployment.endpoints.origin) / name) if name else ""


PARTS: dict[str, Part] = {
    "mqtt": mqtt,
    "kafka": kafka,
    "ingest": ingest,
    "judge": judge,
    "record": record,
    "alerts": alerts,
    "console": console,
    "simulator": simulator,
    "department": department,
}


def run_part(name: str, deployment: Deployment, bridge: str = "") -> None:
    """Runs one part in this process. Raises TroubleError, FaultsError."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    PARTS[name](deployment, bridge)
