"""What a run publishes: a simulated day or recorded files, told to the part `simulator` by a file in the run folder."""

import logging
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from simulators import badday
from simulators.present import day_of
from urbanpulse import stats
from urbanpulse.deployment import Deployment
from urbanpulse.files import write_whole
from urbanpulse.run_folder import Run
from urbanpulse.trouble import TroubleError

SCENARIOS = tuple(badday.SCENARIOS)


class PublishPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`files` empty: the day of `scenario`, played in `seconds`; or with `day` (ms) the day that began there, up to
    the present at once and then at its own pace until stopped. Else those recorded files by `map`, at `speed` times
    their pace (0: as fast as the broker takes them), from `since` until `until` (ms)."""

    scenario: str = "ordinary"
    seed: int = 1
    seconds: float = 60.0
    day: int = 0
    files: tuple[str, ...] = ()
    map: str = ""
    speed: float = 0.0
    since: int | None = None
    until: int | None = None


def save(run: Run, plan: PublishPlan) -> None:
    write_whole(run.folder / "publish.json", msgspec.json.encode(plan))


def load(run: Run) -> PublishPlan:
    try:
        return msgspec.json.decode((run.folder / "publish.json").read_bytes(), type=PublishPlan)
    except OSError:
        return PublishPlan(day=day_of(time.time_ns() // 1_000_000))


def result(run: Run) -> Path:
    """Where the publisher leaves its account."""
    return run.data / "published.json"


def run_plan(deployment: Deployment) -> None:
    """Publishes what the run's plan says and leaves the account of it in `result`. Raises TroubleError."""
    from simulators.present import present
    from simulators.publish import PublishError
    from simulators.scenario import ScenarioError
    from simulators.settings import ReplaySettings, SimulateSettings
    from simulators.simulate import simulate
    from urbanpulse.folder import load_sensors
    from urbanpulse.server import mqtt_server

    plan = load(deployment.run)
    server = mqtt_server(deployment)
    say = logging.getLogger("simulator").warning
    try:
        if plan.files:
            from simulators.replay import replay

            replay(
                ReplaySettings(
                    mqtt=server,
                    files=tuple(map(Path, plan.files)),
                    map_file=Path(plan.map),
                    speed=plan.speed,
                    since=plan.since,
                    until=plan.until,
                    result=result(deployment.run),
                ),
                say,
            )
            return
        wanted = SimulateSettings(
            mqtt=server,
            sensors=load_sensors(deployment.folder),
            scenario=plan.scenario,
            seed=plan.seed,
            seconds=plan.seconds,
            result=result(deployment.run),
        )
        if plan.day:
            report = stats.writer(deployment.run.stats, "simulator")
            before = stats.read(deployment.run.stats, "simulator").get("told")
            since = before if isinstance(before, int) else None
            present(replace(wanted, start=plan.day), lambda told: report({"told": told}), since, say)
        else:
            simulate(wanted, say)
    except (PublishError, ScenarioError) as error:
        raise TroubleError(str(error)) from error
