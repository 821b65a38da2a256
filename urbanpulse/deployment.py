"""Where everything of a city is: fixed by its settings, or decided for one run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from rules.secret import Secret
from urbanpulse.addresses import EMBEDDED, mqtt_address
from urbanpulse.folder import load_settings
from urbanpulse.ports import LOOPBACK, Claims
from urbanpulse.run_folder import Clock, Endpoints, Run
from urbanpulse.settings import Settings
from urbanpulse.trouble import TroubleError

CONSOLE_PORT = 8420


@dataclass(frozen=True, slots=True)
class Deployment:
    """A city's settings, its addresses, and the run folder that holds its data, logs and figures."""

    settings: Settings
    endpoints: Endpoints
    run: Run

    @property
    def folder(self) -> Path:
        return Path(self.endpoints.city)

    @property
    def embedded_kafka(self) -> bool:
        return "kafka" in self.endpoints.embedded

    @property
    def store_secret(self) -> Secret | None:
        return self.settings.store.token

    @property
    def alerts_url(self) -> str:
        """The alert database with its password, so never for a log."""
        password = self.settings.alerts.password
        if password is None or self.endpoints.alerts.startswith("sqlite"):
            return self.endpoints.alerts
        from alerts.database import with_password

        return with_password(self.endpoints.alerts, password)


def for_run(settings: Settings, run: Run, origin: Path, clock: Clock, receiver: bool, claims: Claims) -> Endpoints:
    """The addresses of one `up`: free ports for what is embedded. `receiver`: the practice department runs too.
    Raises PortTakenError."""
    mqtt_host, mqtt_tls, mqtt_plain = LOOPBACK, False, 0
    embedded = []
    if settings.mqtt.url == EMBEDDED:
        embedded.append("mqtt")
        mqtt_port, mqtt_plain = claims.take(settings.mqtt.port, "mqtt.port"), claims.free()
    else:
        address = mqtt_address(settings.mqtt.url)
        mqtt_host, mqtt_port, mqtt_tls = address.host, address.port, address.tls
    kafka = settings.kafka.url
    if kafka == EMBEDDED:
        embedded.append("kafka")
        kafka = f"{LOOPBACK}:{claims.take(settings.kafka.port, 'kafka.port')}"
    host = settings.console.host
    department = claims.free(settings.department.port) if receiver else 0
    return Endpoints(
        city=str(run.city),
        origin=str(origin.resolve()),
        mqtt_host=mqtt_host,
        mqtt_port=mqtt_port,
        mqtt_tls=mqtt_tls,
        mqtt_plain=mqtt_plain,
        kafka=kafka,
        store=_sqlite(run.data / "readings.db") if settings.store.url == EMBEDDED else settings.store.url,
        alerts=_sqlite(run.data / "alerts.db") if settings.alerts.url == EMBEDDED else settings.alerts.url,
        console_host=host,
        console_port=claims.take(settings.console.port, "console.port", host, CONSOLE_PORT),
        clock=clock,
        department=f"http://{LOOPBACK}:{department}/" if receiver else "",
        embedded=tuple(embedded),
    )


def for_servers(settings: Settings, city: Path, run: Run) -> Endpoints:
    """The addresses of a city on servers of its own. Raises TroubleError when it names none."""
    for name, url in (("mqtt", settings.mqtt.url), ("kafka", settings.kafka.url)):
        if url == EMBEDDED:
            raise TroubleError(
                f'{city}: [{name}] url is "embedded", which only `urbanpulse up` starts. For a city that is up give '
                f"its run folder (--run), or set [{name}] url to a server."
            )
    address = mqtt_address(settings.mqtt.url)
    run.data.mkdir(parents=True, exist_ok=True)
    return Endpoints(
        city=str(city.resolve()),
        origin=str(city.resolve()),
        mqtt_host=address.host,
        mqtt_port=address.port,
        mqtt_tls=address.tls,
        kafka=settings.kafka.url,
        store=_sqlite(run.data / "readings.db") if settings.store.url == EMBEDDED else settings.store.url,
        alerts=_sqlite(run.data / "alerts.db") if settings.alerts.url == EMBEDDED else settings.alerts.url,
        console_host=settings.console.host,
        console_port=settings.console.port or CONSOLE_PORT,
        clock=cast(Clock, settings.ingest.clock),
    )


def of_run(run: Run, environ: Mapping[str, str]) -> Deployment:
    """The deployment of a run. Raises FaultsError, TroubleError."""
    endpoints = run.endpoints()
    return Deployment(load_settings(Path(endpoints.city), environ, Path(endpoints.origin)), endpoints, run)


def of_servers(city: Path, run: Run, environ: Mapping[str, str]) -> Deployment:
    """The deployment of a city's folder on its own servers; its files are in the folder of `run`. Raises FaultsError,
    TroubleError."""
    settings = load_settings(city, environ)
    return Deployment(settings, for_servers(settings, city, run), run)


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path}"  # an absolute path begins with a slash of its own: four in all
