"""From the words of `urbanpulse up` to what is published."""

import time
from collections.abc import Sequence
from pathlib import Path

from rules.faults import nearest
from simulators.present import day_of
from urbanpulse.publishing import SCENARIOS, PublishPlan
from urbanpulse.recorded import find_map, registry_of
from urbanpulse.trouble import TroubleError
from urbanpulse.wish import Wish


def wish(
    city: Path,
    *,
    scenario: str,
    seed: int,
    seconds: float,
    files: Sequence[Path],
    map_name: str,
    speed: float,
    since: int | None,
    until: int | None,
    report: Path | None,
) -> Wish:
    """Raises TroubleError for words that do not go together."""
    if scenario and scenario not in SCENARIOS:
        raise TroubleError(f"there is no scenario {scenario!r}: {nearest(scenario, SCENARIOS)}")
    if not files:
        if map_name or since is not None or until is not None or speed:
            raise TroubleError("--map, --speed, --from and --to are for --replay FILE")
        return _simulated(city, scenario, seed, seconds, report)
    if scenario:
        raise TroubleError("--simulate and --replay are two ways to fill a city: choose one")
    if not map_name:
        raise TroubleError("--replay needs --map: how the files become sensors (docs/replay.md)")
    for file in files:
        if not file.is_file():
            raise TroubleError(f"there is no file {file}")
    map_file = find_map(map_name)
    plan = PublishPlan(
        files=tuple(str(file.resolve()) for file in files),
        map=str(map_file),
        speed=speed,
        since=since,
        until=until,
    )
    pace = f"{speed:g} times its pace" if speed else "full speed"
    return Wish(
        city=city,
        plan=plan,
        playing=f"{', '.join(file.name for file in files)} by {map_file.name}, at {pace}",
        finish=True,
        seconds=seconds,
        report=report,
        sensors=registry_of(files, map_file),
    )


def _simulated(city: Path, scenario: str, seed: int, seconds: float, report: Path | None) -> Wish:
    if not seconds and report is not None:
        raise TroubleError("--report needs --for: the account is settled at an end")
    if seconds:
        name = scenario or "ordinary"
        plan = PublishPlan(scenario=name, seed=seed, seconds=seconds)
        playing = f"a day of 24 h, {name}, in {seconds:g} s"
        return Wish(city=city, plan=plan, playing=playing, finish=True, report=report)
    name = scenario or "smog"
    plan = PublishPlan(scenario=name, seed=seed, day=day_of(time.time_ns() // 1_000_000))
    return Wish(city=city, plan=plan, playing=f"a day of {name}: its first 13 hours at once, then as the clock goes")
