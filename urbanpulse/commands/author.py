"""Commands for authors of rules: test them, run them over history, compare them, complete them in an editor."""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urbanpulse.commands.common import FromOption, JsonOption, ToOption, default_city, parse_instant
from urbanpulse.trouble import TroubleError

if TYPE_CHECKING:
    from urbanpulse.authors.history import History
    from urbanpulse.authors.sources import Authored

RulesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="A city's folder, a folder of rules, or files of rules.", show_default="the sample city"),
]
CityOption = Annotated[
    Path | None, typer.Option("--city", help="The city that rules alone are for.", show_default="the one above them")
]
DataOption = Annotated[
    list[str] | None,
    typer.Option("--data", help="A store's url, or a recorded file; several files: several times.", show_default=False),
]
MapOption = Annotated[str, typer.Option("--map", help="How recorded files become sensors: a shipped map or a file.")]
TickOption = Annotated[str, typer.Option("--tick", help="Of event time between two ticks of the clock.")]


def test(
    rules: RulesArgument = None,
    city: CityOption = None,
    junit: Annotated[Path | None, typer.Option(help="Write the outcome as JUnit XML.", show_default=False)] = None,
) -> None:
    """Run the tests that lie beside rules (rules/*.test.yaml): given sensors, when readings come, then findings."""
    from rules.faults import Fault, FaultsError
    from urbanpulse.authors import words
    from urbanpulse.authors.case import Case
    from urbanpulse.authors.case_file import parse_cases
    from urbanpulse.authors.junit import junit as as_xml
    from urbanpulse.authors.sources import read_authored
    from urbanpulse.authors.trial import run_case
    from urbanpulse.files import write_whole
    from urbanpulse.folder import read_text

    authored = read_authored(rules or [default_city()], city)
    faults: list[Fault] = []
    cases: list[Case] = []
    for file in authored.tests:
        found, wrong = parse_cases(read_text(file, faults) or "", str(file), authored.rules, authored.sensors)
        cases += found
        faults += wrong
    if faults:
        raise FaultsError(faults)
    if not cases:
        raise TroubleError("there are no tests: a file NAME.test.yaml beside the rules holds them")
    verdicts = [run_case(case, authored.rules, authored.indices, authored.shapes, authored.calendars) for case in cases]
    for line in words.trials(verdicts):
        print(line)
    if junit is not None:
        write_whole(junit, as_xml(verdicts))
    raise typer.Exit(0 if all(verdict.passed for verdict in verdicts) else 1)


def backtest(
    rules: RulesArgument = None,
    data: DataOption = None,
    map_: MapOption = "",
    since: FromOption = "",
    until: ToOption = "",
    city: CityOption = None,
    tick: TickOption = "60s",
    svg: Annotated[Path | None, typer.Option(help="Write a picture of the time.", show_default=False)] = None,
    json: JsonOption = False,
) -> None:
    """Run rules over history, a store or recorded files: what they would have said, when, and to whom."""
    import msgspec

    from urbanpulse.authors import backtest as judged
    from urbanpulse.authors import words
    from urbanpulse.authors.episodes import episodes
    from urbanpulse.authors.picture import svg as picture
    from urbanpulse.authors.sources import read_authored
    from urbanpulse.files import write_whole

    authored = read_authored(rules or [default_city()], city)
    step = _step(tick)
    history = _history(authored, data or [], map_, since, until)
    catalogue = authored.catalogue(history.sensors)
    _warn_of_strangers(history, catalogue.sensors)
    with _progress(history.total) as report:
        [found] = judged.backtest([catalogue], list(authored.departments), history, step, report)
    if svg is not None:
        title = f"{', '.join(map(str, rules or [default_city()]))}: {len(found.findings)} findings"
        write_whole(svg, picture(episodes(found.findings), title, found.start, found.end))
    if json:
        print(msgspec.json.encode(found).decode())
        return
    for line in words.backtest(found, _width(list(found.rules))):
        print(line)


def diff(
    old: Annotated[Path, typer.Argument(help="A city's folder, a folder of rules, or a file of rules.")],
    new: Annotated[Path, typer.Argument(help="The same, as it is to be.")],
    data: DataOption = None,
    map_: MapOption = "",
    since: FromOption = "",
    until: ToOption = "",
    city: CityOption = None,
    tick: TickOption = "60s",
    budget: Annotated[
        float | None,
        typer.Option(help="End with status 1 when there are more findings more a day.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare two sets of rules on history: findings added, removed and moved, and the load on each department."""
    import msgspec

    from urbanpulse.authors import words
    from urbanpulse.authors.backtest import backtest as judge
    from urbanpulse.authors.difference import compare
    from urbanpulse.authors.sources import read_authored

    both = [read_authored([path], city) for path in (old, new)]
    step = _step(tick)
    history = _history(both[1], data or [], map_, since, until)
    catalogues = [each.catalogue(history.sensors) for each in both]
    _warn_of_strangers(history, catalogues[1].sensors)
    departments = list({**both[0].departments, **both[1].departments})
    with _progress(history.total) as report:
        before, after = judge(catalogues, departments, history, step, report)
    if not before.readings:
        raise TroubleError("no reading of that time: there is nothing to compare on")
    found = compare(before, after)
    if json:
        print(msgspec.json.encode(found).decode())
    else:
        for line in words.difference(found, budget):
            print(line)
    raise typer.Exit(1 if budget is not None and found.more_a_day > budget else 0)


def schema(
    out: Annotated[Path | None, typer.Option(help="A file to write, instead of the terminal.")] = None,
) -> None:
    """The JSON Schema of a file of rules, for editors."""
    import json

    from urbanpulse.authors.editor_schema import rule_schema
    from urbanpulse.files import write_whole

    text = json.dumps(rule_schema(), indent=2) + "\n"
    if out is None:
        print(text, end="")
    else:
        write_whole(out, text)


def _history(authored: "Authored", data: Sequence[str], map_: str, since: str, until: str) -> "History":
    from urbanpulse.authors.history import FOREVER, open_history

    secret = authored.secret() if any(each.startswith("influx") for each in data) else None
    return open_history(data, map_, parse_instant(since, 0), parse_instant(until, FOREVER), secret)


def _warn_of_strangers(history: "History", registry: Collection[str]) -> None:
    strangers = history.strangers(registry)
    if strangers:
        some = ", ".join(strangers[:5]) + (" ..." if len(strangers) > 5 else "")
        print(f"warning: no rule judges {len(strangers)} sensors that the registry lacks: {some}", file=sys.stderr)


def _step(text: str) -> int:
    from rules.duration import HINT, parse_duration

    try:
        step = parse_duration(text)
    except ValueError as error:
        raise TroubleError(f"--tick: {error}: {HINT}") from None
    if step < 1:
        raise TroubleError("--tick: the clock must move")
    return step


def _width(rules: Sequence[str]) -> int:
    """Columns for the sketch, beside the names of the rules."""
    try:
        columns = os.get_terminal_size().columns
    except OSError:
        columns = 100
    return max(24, min(columns, 160) - max(map(len, rules), default=0) - 10)


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("readings"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)
        yield lambda number: bar.update(task, completed=number)


COMMANDS = (test, backtest, diff, schema)
