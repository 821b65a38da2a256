"""`urbanpulse up`: the whole city, from a folder to an account, in one straight line that is undone in reverse."""

import base64
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from urbanpulse import banner, deployment, parts, ports, publishing, run_folder, snapshot, stats
from urbanpulse.addresses import EMBEDDED
from urbanpulse.city import City, load
from urbanpulse.deployment import Deployment
from urbanpulse.embedded.kafka import find_binary
from urbanpulse.files import write_whole
from urbanpulse.in_force import CATALOGUE
from urbanpulse.kafka import create_topics
from urbanpulse.reloading import Reloading
from urbanpulse.run_folder import Run
from urbanpulse.supervisor import PartDiedError, PartPlan, Supervisor
from urbanpulse.trouble import TroubleError
from urbanpulse.wish import Wish

STOP_ORDER = (["simulator"], ["ingest"], ["judge", "record"], ["alerts"], ["department", "console"], ["kafka", "mqtt"])
"""Upstream first, so that each drains into what still runs."""

READY_SECONDS, HURRY = 60.0, 2.0


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Ctrl-C or SIGTERM."""


class Signals:
    """Ctrl-C and SIGTERM, noticed at the next look, and SIGHUP, which asks for a reload; but when the terminal hangs
    up, which sends it as well, the city ends."""

    def __init__(self) -> None:
        self.asked = self.reload = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        terminal = _has_terminal()

        def ask(number: int, _: object) -> None:
            if number == signal.SIGHUP and not (terminal and not _has_terminal()):
                self.reload = True
            else:
                self.asked = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def say(line: str) -> None:
    print(line, flush=True)


def up(wish: Wish, environ: Mapping[str, str]) -> int:
    """Runs the city of `wish`. Returns the exit status. Raises FaultsError before anything starts, TroubleError."""
    origin = load(wish.city, environ)
    if origin.settings.kafka.url == EMBEDDED:
        find_binary()
    run = run_folder.create(run_folder.base(environ))
    with ExitStack() as undo:
        undo.enter_context(run.held())
        signals = Signals()
        undo.enter_context(signals.listening())
        claims = undo.enter_context(ports.Claims())
        city, here = prepare(wish, origin, run, environ, claims)
        supervisor = undo.enter_context(Supervisor(run, say))
        undo.callback(lambda: supervisor.stop_all(stop_order(city)))

        reloading = Reloading(
            wish.city, here, say, lambda: supervisor.restart("alerts"), wish.sensors, receiver_ports(wish, here)
        )

        def look() -> None:
            supervisor.look()
            if signals.asked:
                raise Stopped
            if signals.reload:
                signals.reload = False
                reloading.ask()
            reloading.look()

        try:
            start(supervisor, here, city, look, reloading, once=wish.finish)
            say(banner.text(here, wish.playing))
            if not wish.finish:
                return forever(look)
            from urbanpulse.finish import finish  # reads store and desk, which a city that goes on need not carry

            return finish(wish, here, supervisor, look, say)
        except Stopped:
            say("stopping ...")
            return 130 if wish.finish else 0
        except PartDiedError:
            supervisor.stop_all(most=HURRY)  # what could they drain into?
            raise


def prepare(
    wish: Wish, origin: City, run: Run, environ: Mapping[str, str], claims: ports.Claims
) -> tuple[City, Deployment]:
    """The run folder filled: the copy of the city, addresses, secrets, what to publish."""
    settings = origin.settings
    endpoints = deployment.for_run(settings, run, wish.city, "publisher", wish.receiver, claims)
    if wish.receiver:
        given = environ.get(parts.WEBHOOK_SECRET) or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        write_whole(parts.webhook_secret(run), given, 0o600)
    snapshot.take(wish.city, run.city, wish.sensors, receiver_ports(wish, Deployment(settings, endpoints, run)))
    run.save(endpoints)
    publishing.save(run, wish.plan)
    city = load(run.city, environ, wish.city)
    return city, Deployment(city.settings, endpoints, run)


def receiver_ports(wish: Wish, here: Deployment) -> tuple[int, int] | None:
    """The port at which departments.yaml expects the practice receiver, and the one it has; None without one."""
    if not wish.receiver:
        return None
    return here.settings.department.port, int(here.endpoints.department.rstrip("/").rpartition(":")[2])


def start(
    supervisor: Supervisor,
    here: Deployment,
    city: City,
    look: Callable[[], None],
    reloading: Reloading,
    once: bool,
) -> None:
    """Starts every part, brokers first, then what they judge by, and the simulator when the bridges listen; `once`:
    that one comes to an end by itself. Raises TroubleError."""
    endpoints = here.endpoints
    if "mqtt" in endpoints.embedded:
        _start_broker(supervisor, here, "mqtt", endpoints.mqtt_port)
    if "kafka" in endpoints.embedded:
        _start_broker(supervisor, here, "kafka", int(endpoints.kafka.rpartition(":")[2]))
    made = create_topics(endpoints.kafka, city.settings.kafka.partitions)
    reloading.begin(city, CATALOGUE in made)
    bridges = [parts.part_name(here, plan.id) for plan in city.settings.ingest.bridges]
    for name, plan in zip(bridges, city.settings.ingest.bridges, strict=True):
        supervisor.start(PartPlan(name, command(here, "ingest", plan.id)))
    for name in ("judge", "record", "alerts", "console", *(["department"] if endpoints.department else [])):
        supervisor.start(PartPlan(name, command(here, name)))
    end = time.monotonic() + READY_SECONDS
    while waiting := [name for name in bridges if stats.read(here.run.stats, name).get("mqtt") != "up"]:
        look()
        if time.monotonic() > end:
            raise TroubleError(
                f"{waiting[0]} does not reach MQTT and Kafka; its last lines:\n{supervisor.tail(waiting[0])}"
            )
        time.sleep(0.1)
    supervisor.start(PartPlan("simulator", command(here, "simulator"), once=once))


def _start_broker(supervisor: Supervisor, here: Deployment, name: str, port: int) -> None:
    gone = "what it held is lost, so the account of this run can never be whole. Start the city again."
    supervisor.start(PartPlan(name, command(here, name), vital=gone, grace=5.0))
    if not ports.wait_listening(port, lambda: supervisor.alive(name)):
        raise TroubleError(f"{name} did not start; its last lines:\n{supervisor.tail(name)}")


def stop_order(city: City) -> list[list[str]]:
    bridges = [f"ingest-{plan.id}" for plan in city.settings.ingest.bridges]
    return [[*group, *bridges] if "ingest" in group else group for group in STOP_ORDER]


def command(here: Deployment, part: str, bridge: str = "") -> tuple[str, ...]:
    own = (sys.executable, "-m", "urbanpulse.part", part, "--run", str(here.run.folder))
    return (*own, "--bridge", bridge) if bridge else own


def forever(look: Callable[[], None]) -> int:
    while True:
        look()
        time.sleep(0.25)
