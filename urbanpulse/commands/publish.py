"""Commands that publish: one reading, a simulated day, recorded files; and one that receives."""

import os
from pathlib import Path
from typing import Annotated

import typer

from urbanpulse.commands.common import (
    SCENARIO_NAMES,
    FromOption,
    RunOption,
    ToOption,
    default_city,
    find_run,
    optional_instant,
    parse_instant,
)
from urbanpulse.trouble import TroubleError

MqttOption = Annotated[str, typer.Option("--mqtt", help="mqtt://host:port", show_default="that of the run")]


def send(
    sensor: str,
    metric: str,
    value: Annotated[str, typer.Argument(help="A number, or any JSON, to see it refused.")],
    ts: Annotated[str, typer.Option(help="When: RFC 3339 or epoch ms.", show_default="now, by the city's clock")] = "",
    run_: RunOption = None,
) -> None:
    """Publish one reading as the sensor itself would, to the city that is up."""
    from urbanpulse.sending import send_one

    topic, payload = send_one(find_run(run_), sensor, metric, value, parse_instant(ts, 0), os.environ)
    print(f"published to {topic}: {payload}")


def simulate(
    scenario: Annotated[str, typer.Argument(help=f"{SCENARIO_NAMES}.")] = "ordinary",
    city: Annotated[Path | None, typer.Option(help="A city's folder.", show_default="the sample city")] = None,
    mqtt: MqttOption = "",
    seconds: Annotated[float, typer.Option("--for", min=0, help="Of wall time for the day of 24 h.")] = 60,
    live: Annotated[bool, typer.Option("--live", help="The day's worst hours are now; until Ctrl-C.")] = False,
    seed: int = 1,
    result: Annotated[Path | None, typer.Option(help="Where the publisher's account goes.")] = None,
    run_: RunOption = None,
) -> None:
    """Publish a seeded day of a whole city over MQTT; the city's clock must be the publisher's."""
    from urbanpulse.tools import simulate_alone

    said = simulate_alone(scenario, city or default_city(), mqtt, seconds, live, seed, result, run_, os.environ)
    print(f"{said.received} readings and {sum(said.refused.values())} that must be refused, taken by the broker")


def replay(
    files: Annotated[list[Path], typer.Argument(help="Recorded files, plain or gzip.")],
    map_: Annotated[str, typer.Option("--map", help="A shipped map's name, or a file.")],
    mqtt: MqttOption = "",
    speed: Annotated[float, typer.Option(min=0, help="0: as fast as the broker takes it.")] = 0,
    since: FromOption = "",
    until: ToOption = "",
    result: Annotated[Path | None, typer.Option(help="Where the publisher's account goes.")] = None,
    registry: Annotated[bool, typer.Option("--registry", help="Only print the sensors.csv that they need.")] = False,
    run_: RunOption = None,
) -> None:
    """Publish recorded data over MQTT; the city's clock must be the publisher's."""
    from urbanpulse.recorded import find_map, registry_of
    from urbanpulse.tools import replay_alone

    if registry:
        print(registry_of(files, find_map(map_)), end="")
        return
    span = optional_instant(since), optional_instant(until)
    said = replay_alone(files, map_, mqtt, speed, span, result, run_, os.environ)
    print(f"{said.received} readings and {sum(said.refused.values())} that must be refused, taken by the broker")


def department(
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8099,
    secret_file: Annotated[Path | None, typer.Option(help="Holds the webhook secret, whsec_...")] = None,
    record: Annotated[Path, typer.Option(help="One line a request is added to it.")] = Path("received.jsonl"),
    fail: Annotated[int, typer.Option(help="Refuse so many requests first; -1: all.")] = 0,
    status: Annotated[int, typer.Option(min=300, max=599, help="What a refused request is answered.")] = 500,
    stall: Annotated[float, typer.Option(min=0, help="Seconds that every answer takes.")] = 0,
    lie: Annotated[bool, typer.Option("--lie", help="Answer 200 with an error inside.")] = False,
) -> None:
    """A department to practise on: verifies signatures, shows what arrives, fails when told to."""
    from rules.secret import Secret
    from simulators.department import DepartmentSettings, run_department
    from urbanpulse.parts import WEBHOOK_SECRET

    given = secret_file.read_text().strip() if secret_file is not None else os.environ.get(WEBHOOK_SECRET, "")
    if not given:
        raise TroubleError(f"name a file with the webhook secret (--secret-file), or set {WEBHOOK_SECRET}")
    try:
        run_department(DepartmentSettings("127.0.0.1", port, Secret(given), record, fail, status, stall, lie))
    except (OSError, ValueError) as error:
        raise TroubleError(f"the department cannot start: {error}") from None


COMMANDS = (send, simulate, replay, department)
