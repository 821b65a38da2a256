"""Commands that ask the log: why an alert is there, and why one is not."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urbanpulse.commands.common import JsonOption, RunOption, find_run, parse_instant, parts_folder
from urbanpulse.trouble import TroubleError

if TYPE_CHECKING:
    from alerts.views import AlertView
    from rules.catalogue import Catalogue
    from urbanpulse.deployment import Deployment
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
    from urbanpulse.authors.log_records import partition_records
    from urbanpulse.authors.story import tell
    from urbanpulse.opened import opened

    here = _deployment(city, run_)
    with opened(here) as city_:
        found = _alert(city_, alert)
        catalogue = _catalogue(here)
        rules = {rule.name: rule for rule in catalogue.rules}
        if found.rule not in rules or found.sensor not in catalogue.sensors:
            what, name, known = ("rule", found.rule, [*rules]) if found.rule not in rules else (
                "sensor", found.sensor, [*catalogue.sensors],
            )  # fmt: skip
            raise TroubleError(f"the city has no {what} {name!r} any more: {nearest(name, known)}")
        partitions = here.settings.kafka.partitions
        story = tell(
            partition_records(city_.reader, found.sensor, partitions),
            rules[found.rule],
            catalogue.sensors[found.sensor],
            found.metric,
            bridges=catalogue.bridges,
            indices=catalogue.indices,
            partition=found.evidence.partition,
            partitions=partitions,
            through=found.evidence.last,
        )
    grounds = evidence.grounds(found, story)
    if json:
        print(msgspec.json.encode(grounds).decode())
    else:
        print("\n".join(evidence.lines(found, rules[found.rule], grounds)))


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
    from urbanpulse.authors.log_records import partition_records
    from urbanpulse.authors.story import tell
    from urbanpulse.kafka import Reader
    from urbanpulse.opened import kafka_of

    here = _deployment(city, run_)
    at = parse_instant(time, 0)
    catalogue = _catalogue(here)
    rules = {each.name: each for each in catalogue.rules}
    found: answer.Answer | None
    if rule not in rules:
        found = answer.unknown("rule", rule, [*rules])
    elif sensor not in catalogue.sensors:
        found = answer.unknown("sensor", sensor, [*catalogue.sensors])
    elif (found := answer.of_groups(rules[rule], catalogue.sensors[sensor], catalogue.areas)) is None:
        device = catalogue.sensors[sensor]
        watched = [each for each in rules[rule].metrics if catalogue.has(device, each)]
        if not metric and len(watched) > 1:
            raise TroubleError(f"{rule} watches several metrics of {sensor}: --metric {' or '.join(watched)}")
        name = metric or (watched or rules[rule].metrics)[0]
        found = answer.not_watched(rules[rule], device, name, catalogue.has(device, name))
        if found is None:
            partitions = here.settings.kafka.partitions
            with Reader(kafka_of(here)) as reader:
                story = tell(
                    partition_records(reader, sensor, partitions),
                    rules[rule],
                    device,
                    name,
                    bridges=catalogue.bridges,
                    indices=catalogue.indices,
                    partition=partition_of(sensor, partitions),
                    partitions=partitions,
                    at=at,
                )
            found = answer.why_not(story)
    if json:
        print(msgspec.json.encode(found).decode())
        return
    print(f"{found.code}: {found.reason}")
    for line in found.more:
        print(f"  {line}")


def _catalogue(here: "Deployment") -> "Catalogue":
    from urbanpulse.folder import load_catalogue

    return load_catalogue(here.folder, here.settings)


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
