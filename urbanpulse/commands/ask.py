"""Commands that ask the log: why an alert is there, and why one is not."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urbanpulse.commands.common import JsonOption, RunOption, find_run, parse_instant, parts_folder
from urbanpulse.trouble import TroubleError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.views import AlertView
    from rules.catalogue import Catalogue
    from rules.frame import Frame, FrameError
    from urbanpulse.authors.answer import Answer
    from urbanpulse.authors.logged import Logged
    from urbanpulse.deployment import Deployment
    from urbanpulse.kafka import Reader
    from urbanpulse.opened import Opened

CityOption = Annotated[
    Path | None,
    typer.Option("--city", help="A city's folder on servers of its own; left out: --run.", show_default=False),
]


def _deployment(city: Path | None, run: Path | None) -> "Deployment":
    from urbanpulse import deployment

    if city is None:
        return deployment.of_run(find_run(run), os.environ)
    return deployment.of_servers(city, parts_folder(run), os.environ)


def why(
    alert: Annotated[str, typer.Argument(help="An alert's id, or how it begins.")],
    city: CityOption = None,
    run_: RunOption = None,
    json: JsonOption = False,
) -> None:
    """Why an alert is there: its episode, computed from the log again, and the readings that it rests on."""
    import msgspec

    from rules.faults import nearest
    from urbanpulse.authors import evidence
    from urbanpulse.authors.log_records import all_records, partition_records
    from urbanpulse.authors.story import tell
    from urbanpulse.opened import opened

    here = _deployment(city, run_)
    with opened(here) as city_:
        found = _alert(city_, alert)
        logged = _logged(city_.reader)
        catalogue = _knowing(here, logged, found.rule, found.sensor)
        rules = {rule.name: rule for rule in catalogue.rules}
        partitions = here.settings.kafka.partitions
        if found.rule in catalogue.areas.rules:
            print(_why_group(found, catalogue, all_records(city_.reader, partitions), partitions, json))
            return
        if found.rule not in rules or found.sensor not in catalogue.sensors:
            what, name, known = ("rule", found.rule, [*rules]) if found.rule not in rules else (
                "sensor", found.sensor, [*catalogue.sensors],
            )  # fmt: skip
            raise TroubleError(f"the city has no {what} {name!r} any more: {nearest(name, known)}")
        story = tell(
            partition_records(city_.reader, found.sensor, partitions),
            rules[found.rule],
            catalogue.sensors[found.sensor],
            found.metric,
            bridges=catalogue.bridges,
            indices=catalogue.indices,
            shapes=catalogue.shapes,
            calendars=catalogue.calendars,
            partition=found.evidence.partition,
            partitions=partitions,
            through=found.evidence.last,
            logged=logged,
        )
    grounds = evidence.grounds(found, story)
    if json:
        print(msgspec.json.encode(grounds).decode())
    else:
        print("\n".join(evidence.lines(found, story.rule, grounds)))


def why_not(
    sensor: str,
    rule: str,
    time: Annotated[str, typer.Argument(help="RFC 3339, a date (UTC) or epoch ms.")],
    metric: Annotated[str, typer.Option(help="When the rule watches several.", show_default="the rule's")] = "",
    city: CityOption = None,
    run_: RunOption = None,
    json: JsonOption = False,
) -> None:
    """Why a rule did not fire for a sensor at that time, computed from the log again."""
    import msgspec

    from rules.identity import partition_of
    from urbanpulse.authors import answer
    from urbanpulse.authors.log_records import all_records, partition_records
    from urbanpulse.authors.story import tell
    from urbanpulse.kafka import Reader
    from urbanpulse.opened import kafka_of

    here = _deployment(city, run_)
    at = parse_instant(time, 0)
    found: answer.Answer | None
    with Reader(kafka_of(here)) as reader:
        logged = _logged(reader)
        catalogue = _knowing(here, logged, rule, sensor)
        rules = {each.name: each for each in catalogue.rules}
        if rule not in rules:
            found = answer.unknown("rule", rule, [*rules])
        elif sensor not in catalogue.sensors:
            found = answer.unknown("sensor", sensor, [*catalogue.sensors])
        elif (found := answer.of_groups(rules[rule], catalogue.sensors[sensor], catalogue.areas)) is not None:
            if found.code == "group":
                partitions = here.settings.kafka.partitions
                found = _why_not_group(rule, sensor, catalogue, all_records(reader, partitions), partitions, at, found)
        else:
            device = catalogue.sensors[sensor]
            watched = [each for each in rules[rule].metrics if catalogue.has(device, each)]
            if not metric and len(watched) > 1:
                raise TroubleError(f"{rule} watches several metrics of {sensor}: --metric {' or '.join(watched)}")
            name = metric or (watched or rules[rule].metrics)[0]
            found = answer.not_watched(rules[rule], device, name, catalogue.has(device, name), catalogue)
            if found is None:
                partitions = here.settings.kafka.partitions
                story = tell(
                    partition_records(reader, sensor, partitions),
                    rules[rule],
                    device,
                    name,
                    bridges=catalogue.bridges,
                    indices=catalogue.indices,
                    shapes=catalogue.shapes,
                    calendars=catalogue.calendars,
                    partition=partition_of(sensor, partitions),
                    partitions=partitions,
                    at=at,
                    logged=logged,
                )
                found = answer.why_not(story) if story.watched else answer.not_in_force(story)
    if found.episode:
        found = _told(here, found, at)
    if json:
        print(msgspec.json.encode(found).decode())
        return
    print(f"{found.code}: {found.reason}")
    for line in found.more:
        print(f"  {line}")


def _told(here: "Deployment", found: "Answer", at: int) -> "Answer":
    """What the desk knows of the episode that is firing; a desk that does not answer changes nothing."""
    from msgspec import structs

    from urbanpulse.authors.told import answer_of_desk
    from urbanpulse.opened import desk_of

    try:
        with desk_of(here) as desk:
            return answer_of_desk(found, desk.of_episode(found.episode), at)
    except TroubleError as error:
        return structs.replace(found, more=[*found.more, f"whether departments were told is not known: {error}"])


def _why_group(
    found: "AlertView",
    catalogue: "Catalogue",
    records: "Iterable[tuple[int, int, Frame | FrameError]]",
    partitions: int,
    json: bool,
) -> str:
    """The grounds of an alert about a group of sensors."""
    import msgspec

    from urbanpulse.authors.group_evidence import group_grounds, group_lines
    from urbanpulse.authors.group_story import tell_group

    rule = next(each for each in catalogue.rules if each.name == found.rule)
    story = tell_group(records, catalogue, rule, partitions=partitions)
    grounds = group_grounds(found, story)
    return msgspec.json.encode(grounds).decode() if json else "\n".join(group_lines(found, story, grounds))


def _why_not_group(
    name: str,
    sensor: str,
    catalogue: "Catalogue",
    records: "Iterable[tuple[int, int, Frame | FrameError]]",
    partitions: int,
    at: int,
    known: "Answer",
) -> "Answer":
    """How a rule on groups stands for the first of the sensor's groups, and in a line each for the others."""
    from urbanpulse.authors.answer import Answer
    from urbanpulse.authors.group_answer import why_not_group
    from urbanpulse.authors.group_story import tell_group

    rule = next(each for each in catalogue.rules if each.name == name)
    story = tell_group(records, catalogue, rule, partitions=partitions, at=at)
    groups = [story.composite.groups[key] for key in story.composite.by_sensor[sensor]]
    first, *others = [why_not_group(story, group) for group in groups]
    more = [f"{each.code}: {each.reason}" for each in others]
    return Answer(first.code, first.reason, [*first.more, *more, known.reason, *known.more], first.episode)


def _logged(reader: "Reader") -> "Logged | None":
    """The catalogues of the log; None for a log that names none: it was judged by the files."""
    from urbanpulse.authors.logged import Logged
    from urbanpulse.in_force import read_shelf
    from urbanpulse.kafka import KafkaTroubleError

    try:
        logged = Logged(read_shelf(reader))
    except KafkaTroubleError as error:
        if "no topic" not in str(error):
            raise
        return None
    return logged if logged.newest is not None else None


def _knowing(here: "Deployment", logged: "Logged | None", rule: str, sensor: str) -> "Catalogue":
    """The newest catalogue that has both (`sensor` empty: the rule), else the newest of all."""
    from urbanpulse.catalogue_folder import load_catalogue

    if logged is None or logged.newest is None:
        return load_catalogue(here.folder, here.settings)
    both = (
        each
        for each in logged.backwards()
        if (not sensor or sensor in each.sensors) and rule in {one.name for one in each.rules}
    )
    return next(both, logged.newest)


def _alert(city: "Opened", begin: str) -> "AlertView":
    """The one alert whose id begins so. Raises TroubleError."""
    detail = city.desk.alert(begin)
    if detail is not None:
        return detail.alert
    found = [each for each in city.desk.alerts(limit=10_000) if each.id.startswith(begin)] if len(begin) >= 4 else []
    if len(found) != 1:
        many = f"{len(found)} alerts' ids begin with" if found else "there is no alert"
        raise TroubleError(f"{many} {begin[:64]!r}: the console and the webhooks show whole ids")
    return found[0]


COMMANDS = (why, why_not)
"""Typer names the second one why-not."""
