"""Commands that look at a city: its account, its readings, what it refused."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from urbanpulse.commands.common import (
    CityArgument,
    FromOption,
    JsonOption,
    RunOption,
    ToOption,
    find_run,
    parse_instant,
    parts_folder,
    show_instant,
)
from urbanpulse.trouble import TroubleError

if TYPE_CHECKING:
    from urbanpulse.deployment import Deployment


def deployment_of(city: Path | None, run: Path | None) -> "Deployment":
    from urbanpulse import deployment

    if city is None:
        return deployment.of_run(find_run(run), os.environ)
    return deployment.of_servers(city, parts_folder(run), os.environ)


def account(
    city: CityArgument = None,
    run_: RunOption = None,
    json: JsonOption = False,
    exact: Annotated[bool, typer.Option("--exact", help="Compare log and store, reading by reading.")] = False,
    since: FromOption = "",
    until: ToOption = "",
) -> None:
    """The account: every reading that came in, and where it is now. --exact ends with status 1 when anything is off."""
    import msgspec

    from urbanpulse import account as counted
    from urbanpulse import exact as exactly
    from urbanpulse.commands import tables
    from urbanpulse.opened import opened

    if (since or until) and not exact:
        raise TroubleError("--from and --to are for --exact: counters know no time")
    with opened(deployment_of(city, run_)) as city_:
        if not exact:
            now = counted.take(city_.reader, city_.store, city_.desk)
            print(msgspec.json.encode(now).decode() if json else tables.account(now))
            return
        span = exactly.Span(parse_instant(since, 0), parse_instant(until, exactly.FOREVER))
        found = exactly.take(city_.reader, city_.store, city_.here.settings.kafka.partitions, span)
    print(msgspec.json.encode(found).decode() if json else tables.exact(found))
    raise typer.Exit(0 if found.exact else 1)


def read(
    sensor: str,
    metric: str,
    city: Annotated[Path | None, typer.Option(help="A city's folder on servers of its own.")] = None,
    run_: RunOption = None,
    since: FromOption = "",
    until: ToOption = "",
    format_: Annotated[Literal["table", "csv", "json"], typer.Option("--format")] = "table",
) -> None:
    """What the store holds of one series, in the metric's canonical unit."""
    from urbanpulse.commands import tables
    from urbanpulse.exact import FOREVER
    from urbanpulse.opened import store_of

    here = deployment_of(city, run_)
    with store_of(here) as store:
        found = store.range(sensor, metric, parse_instant(since, 0), parse_instant(until, FOREVER))
    if not found and not since and not until:
        print(f"the store has no reading of {metric} by {sensor}", file=sys.stderr)
    for line in tables.series(found, metric, format_):
        print(line)


def refused(
    city: CityArgument = None,
    run_: RunOption = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing them as they come.")] = False,
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="How many of the past.")] = 20,
) -> None:
    """What was refused, and why: the code, the detail, and the very bytes."""
    from urbanpulse.account import REFUSED
    from urbanpulse.commands import tables
    from urbanpulse.kafka import Reader
    from urbanpulse.opened import kafka_of

    here = deployment_of(city, run_)
    with Reader(kafka_of(here)) as reader:
        ends = reader.ends(REFUSED)
        starts = {number: max(0, end - last) for number, end in ends.items()}
        past = list(reader.read(REFUSED, starts))
        for record in past[len(past) - last :] if last else []:
            print(tables.refusal(record, show_instant))
        if not past and not follow:
            print("nothing was refused", file=sys.stderr)
        if follow:
            for fresh in reader.follow(REFUSED, ends):
                if fresh is not None:
                    print(tables.refusal(fresh, show_instant), flush=True)


COMMANDS = (account, read, refused)
