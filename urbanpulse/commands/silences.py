"""Commands of the duty officer: departments are not told of some alerts for a while."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from urbanpulse.commands.common import CityArgument, FromOption, JsonOption, RunOption, parse_instant, show_instant
from urbanpulse.commands.look import deployment_of
from urbanpulse.trouble import TroubleError

if TYPE_CHECKING:
    from alerts.silences import Silence
    from urbanpulse.deployment import Deployment

ByOption = Annotated[str, typer.Option("--by", help="Your name.", show_default=False)]


def silence(
    by: ByOption,
    because: Annotated[str, typer.Option(help="The reason, which people read later.", show_default=False)],
    city: CityArgument = None,
    run_: RunOption = None,
    rule: Annotated[str, typer.Option(help="Alerts of this rule.", show_default=False)] = "",
    sensor: Annotated[str, typer.Option(help="Alerts of this sensor, or of this area.", show_default=False)] = "",
    district: Annotated[str, typer.Option(help="Alerts in this district.", show_default=False)] = "",
    department: Annotated[str, typer.Option(help="Alerts of this department.", show_default=False)] = "",
    length: Annotated[
        str, typer.Option("--for", help="How long: 90min, 8h, 3d; 30d at most.", show_default=False)
    ] = "",
    until: Annotated[str, typer.Option(help="Until when, instead: RFC 3339.", show_default=False)] = "",
    from_: FromOption = "",
    json: JsonOption = False,
) -> None:
    """Keep departments from being told for a while; alerts are on the board as ever. All that is named must match."""
    import msgspec

    from alerts.silences import Silence
    from rules.duration import parse_duration
    from urbanpulse.opened import desk_of

    if bool(length) == bool(until):
        raise TroubleError("say when it ends: --for 2h, or --until 2026-01-20T08:00:00Z")
    now = time.time_ns() // 1_000_000
    begins = parse_instant(from_, now)
    here = deployment_of(city, run_)
    _known(here, rule, sensor, district, department)
    try:
        ends = begins + parse_duration(length) if length else parse_instant(until, 0)
        wanted = Silence(
            rule=rule, sensor=sensor, district=district, department=department,
            begins=begins, ends=ends, by=by, because=because,
        )  # fmt: skip
        with desk_of(here) as desk:
            made = desk.silence(wanted)
    except ValueError as error:
        raise TroubleError(str(error)) from None
    print(msgspec.json.encode(made).decode() if json else _line(made))


def silences(
    city: CityArgument = None,
    run_: RunOption = None,
    past: Annotated[bool, typer.Option("--all", help="Those that have ended too.")] = False,
    end: Annotated[int | None, typer.Option(help="End the silence of this number now.", show_default=False)] = None,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Silences that hold or are to come, and the way to end one early."""
    import msgspec

    from alerts.silences import UnknownSilenceError
    from urbanpulse.opened import desk_of

    with desk_of(deployment_of(city, run_)) as desk:
        try:
            found = [desk.end_silence(end, by)] if end is not None else desk.silences(
                time.time_ns() // 1_000_000, ended=past
            )  # fmt: skip
        except (UnknownSilenceError, ValueError) as error:
            raise TroubleError(str(error)) from None
    if json:
        print(msgspec.json.encode(found).decode())
        return
    for each in found:
        print(_line(each))
    if not found:
        print("nothing is silenced")


def _line(one: "Silence") -> str:
    from alerts.silences import scope

    ended = f", ended by {one.ended_by}" if one.ended_by else ""
    times = f"{show_instant(one.begins)} to {show_instant(one.ends)}"
    return f"{one.id}: {scope(one)}, {times}{ended}: {one.because} ({one.by})"


def _known(here: "Deployment", rule: str, sensor: str, district: str, department: str) -> None:
    """A name with a slip of the pen silences nothing, and nobody would notice. Raises TroubleError."""
    from alerts.departments import Department, parse_departments
    from rules.faults import Fault, nearest
    from urbanpulse.catalogue_folder import load_catalogue
    from urbanpulse.folder import read_file

    city, faults = load_catalogue(here.folder, here.settings), list[Fault]()
    departments = read_file(here.folder / "departments.yaml", parse_departments, dict[str, Department](), faults)
    areas = {group.name for area in city.areas.rules.values() for group in area.groups.values()}
    known: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("rule", rule, [each.name for each in city.rules]),
        ("sensor", sensor, [*city.sensors, *areas]),
        ("district", district, {each.district for each in city.sensors.values()}),
        ("department", department, departments),
    )
    for what, name, names in known:
        if name and name not in set(names):
            raise TroubleError(f"the city has no {what} {name!r}: {nearest(name, names)}")


COMMANDS = (silence, silences)
