"""Publishers on their own, for a city that somebody else runs."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from simulators.published import Published
from simulators.settings import MqttSettings, ReplaySettings, SimulateSettings
from urbanpulse import deployment, run_folder
from urbanpulse.addresses import mqtt_address
from urbanpulse.folder import load_sensors
from urbanpulse.recorded import find_map
from urbanpulse.server import mqtt_server
from urbanpulse.settings import Settings
from urbanpulse.trouble import TroubleError

Span = tuple[int | None, int | None]


def broker(mqtt: str, run: Path | None, environ: Mapping[str, str], settings: Settings | None = None) -> MqttSettings:
    """The broker of `mqtt` (mqtt://host:port, entered as the city's user), else that of a run. Raises TroubleError."""
    if not mqtt:
        return mqtt_server(deployment.of_run(run_folder.find(run, environ), environ))
    try:
        address = mqtt_address(mqtt)
    except ValueError as error:
        raise TroubleError(str(error)) from None
    found = settings or Settings()
    user = found.simulator if found.simulator.username else found.mqtt
    return MqttSettings(
        host=address.host, port=address.port, tls=address.tls, username=user.username, password=user.password
    )


def simulate_alone(
    scenario: str,
    city: Path,
    mqtt: str,
    seconds: float,
    live: bool,
    seed: int,
    result: Path | None,
    run: Path | None,
    environ: Mapping[str, str],
) -> Published:
    """A day of a city. Raises FaultsError, TroubleError."""
    from simulators.present import day_of, present
    from simulators.publish import PublishError
    from simulators.scenario import ScenarioError
    from simulators.simulate import simulate
    from urbanpulse.folder import load_settings

    settings = load_settings(city, environ)
    wanted = SimulateSettings(
        mqtt=broker(mqtt, run, environ, settings),
        sensors=load_sensors(city),
        scenario=scenario,
        seed=seed,
        seconds=seconds,
        result=result,
    )
    try:
        if not live:
            return simulate(wanted, print)
        now = time.time_ns() // 1_000_000
        return present(replace(wanted, start=day_of(now)), report=print)
    except (PublishError, ScenarioError) as error:
        raise TroubleError(str(error)) from None


def replay_alone(
    files: Sequence[Path],
    map_name: str,
    mqtt: str,
    speed: float,
    span: Span,
    result: Path | None,
    run: Path | None,
    environ: Mapping[str, str],
) -> Published:
    """Recorded files. Raises FaultsError, TroubleError."""
    from simulators.publish import PublishError
    from simulators.replay import replay

    wanted = ReplaySettings(
        mqtt=broker(mqtt, run, environ),
        files=tuple(files),
        map_file=find_map(map_name),
        speed=speed,
        since=span[0],
        until=span[1],
        result=result,
    )
    try:
        return replay(wanted, print)
    except PublishError as error:
        raise TroubleError(str(error)) from None
