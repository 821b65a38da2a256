"""Commands that check a city, start it, and say what runs."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urbanpulse.commands.common import (
    SCENARIO_NAMES,
    CityArgument,
    FromOption,
    JsonOption,
    RunOption,
    ToOption,
    default_city,
    find_run,
    optional_instant,
    parts_folder,
    show_instant,
)
from urbanpulse.trouble import TroubleError

if TYPE_CHECKING:
    from urbanpulse.deployment import Deployment
    from urbanpulse.run_folder import Run

RELOAD_SECONDS = 60.0
"""How long a supervisor may take for a reload."""


def check(
    city: Annotated[Path | None, typer.Argument(help="A city's folder.", show_default="the sample city")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 on a warning too.")] = False,
) -> None:
    """Verify a city's folder, offline: every fault and every warning with file, line, key and what to do."""
    from urbanpulse.authors.doubts import doubts
    from urbanpulse.city import load

    folder = city or default_city()
    found = load(folder, os.environ)
    warnings = doubts(found.catalogue, time.time_ns() // 1_000_000)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    indices = found.catalogue.indices
    for section, source in (indices.standards.sources if indices else {}).items():
        print(f"standards.yaml sets {section}: {source}")
    print(
        f"{folder}: no fault. {len(found.sensors)} sensors, {len(found.catalogue.rules)} rules, "
        f"{len(found.departments)} departments."
        + (f" {len(warnings)} warning{'s' * (len(warnings) != 1)}." if warnings else "")
    )
    raise typer.Exit(1 if strict and warnings else 0)


def up(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="A city's folder; further files belong to --replay.", show_default="the sample city"),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--for", min=0, help="Publish for so many seconds, then settle the account and stop.")
    ] = 0,
    simulate: Annotated[str, typer.Option(help=f"{SCENARIO_NAMES}.", show_default=False)] = "",
    seed: Annotated[int, typer.Option(help="Of the simulated day: the same seed gives the same bytes.")] = 1,
    replay: Annotated[list[Path] | None, typer.Option(help="Recorded files to publish.", show_default=False)] = None,
    map_: Annotated[str, typer.Option("--map", help="How the files become sensors: a shipped map or a file.")] = "",
    speed: Annotated[float, typer.Option(min=0, help="Of the replay; 0 is as fast as the broker takes it.")] = 0,
    since: FromOption = "",
    until: ToOption = "",
    report: Annotated[Path | None, typer.Option(help="Where the account goes, as JSON.", show_default=False)] = None,
) -> None:
    """Start the whole city; Ctrl-C stops it. With --for or --replay it ends by itself and settles the account."""
    from urbanpulse.playing import wish
    from urbanpulse.up import up as start

    folders = [path for path in paths or [] if path.is_dir()]
    files = [*(replay or []), *(path for path in paths or [] if not path.is_dir())]
    if len(folders) > 1:
        raise TroubleError(f"one city at a time, not {' and '.join(map(str, folders))}")
    if files and not replay:
        raise TroubleError(f"{files[0]} is not a city's folder")
    wanted = wish(
        folders[0] if folders else default_city(),
        scenario=simulate,
        seed=seed,
        seconds=seconds,
        files=files,
        map_name=map_,
        speed=speed,
        since=optional_instant(since),
        until=optional_instant(until),
        report=report,
    )
    raise typer.Exit(start(wanted, os.environ))


def run(
    part: Annotated[str, typer.Argument(help="mqtt kafka ingest judge record alerts console simulator department")],
    city: CityArgument = None,
    run_: RunOption = None,
    bridge: Annotated[str, typer.Option(help="For ingest: which bridge.", show_default="the first")] = "",
) -> None:
    """Start one part alone, in this process: for real deployments, one a container or a service.

    Topics that are missing are made first. Data and figures of the part are in the folder of --run.
    """
    from rules.faults import nearest
    from urbanpulse import deployment
    from urbanpulse.parts import PARTS, run_part

    if part not in PARTS:
        raise TroubleError(f"there is no part {part!r}: {nearest(part, PARTS)}")
    if city is None:
        here = deployment.of_run(find_run(run_), os.environ)
    else:
        from urbanpulse.kafka import create_topics

        here = deployment.of_servers(city, parts_folder(run_), os.environ)
        create_topics(here.endpoints.kafka, here.settings.kafka.partitions)
        if part == "ingest":
            _bring(here)
    run_part(part, here, bridge)


def _bring(here: "Deployment") -> None:
    """The folder comes into force before its readings come in. Rules that are in force are better than none: a faulty
    folder stops a city only where nothing is in force yet."""
    from rules.faults import FaultsError
    from urbanpulse.bring_folder import anything_in_force, bring_folder

    try:
        print("\n    ".join(bring_folder(here)), file=sys.stderr, flush=True)
    except FaultsError as error:
        if not anything_in_force(here):
            raise
        print(
            "the folder is refused, what is in force goes on:", *error.faults, sep="\n    ", file=sys.stderr, flush=True
        )


def reload(
    city: CityArgument = None,
    run_: RunOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Bring the city's rules and sensors into force as its files are now; a faulty set is refused whole.

    A city that `up` runs does it by itself when files change. With a city's folder, it is done from here, once for all
    hosts.
    """
    from urbanpulse import deployment
    from urbanpulse.bring_folder import bring_folder, look_at_folder
    from urbanpulse.city import load_again

    if city is None and not dry_run:
        _ask_supervisor(find_run(run_))
        return
    if city is None:
        here = deployment.of_run(find_run(run_), os.environ)
        load_again(Path(here.endpoints.origin), here.settings)
        raise TroubleError("no fault; what would change is said where a city's folder is named")
    here = deployment.of_servers(city, parts_folder(run_), os.environ)
    print("\n    ".join(look_at_folder(here) if dry_run else bring_folder(here)))


def _ask_supervisor(run: "Run") -> None:
    import time

    from urbanpulse import current

    before = current.load(run)
    if not run.running():
        raise TroubleError("that city does not run: its files are read when it starts")
    run.wish.touch()
    end = time.monotonic() + RELOAD_SECONDS
    while (now := current.load(run)) is None or (before is not None and now.looked == before.looked):
        if time.monotonic() > end:
            raise TroubleError(f"its supervisor has not answered for {RELOAD_SECONDS:g} s")
        time.sleep(0.1)
    if now.refused:
        raise TroubleError("refused, what was in force goes on:\n    " + "\n    ".join(now.refused))
    print(f"switch {now.serial} is in force: {now.rules} rules, {now.sensors} sensors")


def status(run_: RunOption = None, json: JsonOption = False) -> None:
    """What runs: each part with its pid, state and restarts, and what it says of itself."""
    import msgspec

    from urbanpulse import status as words

    now = words.load(find_run(run_))
    if json:
        print(msgspec.json.encode(now).decode())
        return
    for part in now.parts:
        line = f"{part.name:<12} {part.state:<11} {part.pid or '-':>8}  {part.restarts} restarts  {part.note}"
        print(line.rstrip())
    if (in_force := now.catalogue) is not None:
        since = show_instant(in_force.wall)
        print(
            f"catalogue    switch {in_force.serial} since {since}: {in_force.rules} rules, {in_force.sensors} sensors"
        )
        if in_force.refused:
            print("the files differ from what is in force and were refused:", *in_force.refused, sep="\n    ")


def version() -> None:
    """The versions of urbanpulse and of what does the work."""
    from urbanpulse.report import versions

    for name, number in versions().items():
        print(f"{name} {number}")


COMMANDS = (up, check, status, reload, run, version)
