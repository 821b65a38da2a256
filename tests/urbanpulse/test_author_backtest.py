"""Rules over history: the same findings as in the city, whatever the source and the steps; and the difference that a
change of rules makes."""

import json
import random
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from rules.catalogue import Catalogue
from rules.engine import Engine
from rules.faults import FaultsError
from rules.finding import Finding
from rules.kinds.silence import UNSEEN
from rules.silent import ALL
from streams.stores import open_store
from streams.stores.port import Batch
from tests.support.authors import MIN, NOON, catalogue_of, sensor
from tests.support.frames import frame, tick
from tests.support.sample_city import FOLDER
from urbanpulse.authors.backtest import Backtest, backtest
from urbanpulse.authors.difference import compare
from urbanpulse.authors.episodes import Episode, episodes
from urbanpulse.authors.history import FOREVER, History, known_sensors, of_store, open_history
from urbanpulse.authors.memory_log import Reading
from urbanpulse.authors.picture import svg
from urbanpulse.authors.timeline import sketch
from urbanpulse.cli import app
from urbanpulse.trouble import TroubleError

RULES = """
name: smog, kind: threshold, metric: pm25, above: {yellow: 75, red: 150}, hold: 3min, keep_firing: 2min
name: quarter, kind: window, metric: pm25, aggregate: mean, every: 15min, delay: 30s, above: {yellow: 80}
name: silent, kind: silence, metric: pm25, after: 10min, severity: yellow
"""
SENSORS = [sensor(name) for name in ("a", "b", "c")]


def day(chance: random.Random) -> list[Reading]:
    """Hours of three sensors, with stretches in which one says nothing."""
    found: list[Reading] = []
    for name in ("a", "b", "c"):
        at, level = NOON + chance.randrange(MIN), 60.0
        while at < NOON + 300 * MIN:
            level = min(max(level + chance.uniform(-25, 25), 0.0), 200.0)
            found.append((at, name, "pm25", round(level, 2)))
            at += MIN if chance.random() > 0.02 else chance.randrange(10, 40) * MIN
    return sorted(found)


def judged(catalogue: Catalogue, readings: list[Reading], step: int = MIN) -> Backtest:
    [found] = backtest([catalogue], ["environment"], History(iter(readings), {}), step)
    return found


def said(findings: list[Finding]) -> list[tuple[object, ...]]:
    return sorted((each.episode, each.revision, each.change, each.severity, each.at, each.value) for each in findings)


@pytest.mark.parametrize("seed", range(5))
def test_it_says_what_a_city_would_with_a_tick_every_second(seed: int) -> None:
    catalogue, readings = catalogue_of(RULES, *SENSORS), day(random.Random(seed))
    engine, offset, findings = Engine(catalogue, partition=0, partitions=1), 0, []
    clock = readings[0][0]
    for at, name, metric, value in readings:
        for t in range(clock + 1000, at + 1, 1000):
            findings += engine.tick(offset, tick(t))
            offset, clock = offset + 1, t
        findings += engine.frame(offset, frame([(name, metric, at, value)], at))
        offset += 1
    last = max(finding.at for finding in findings)
    for step in (1000, MIN, 7 * MIN):
        found = judged(catalogue, readings, step)
        assert said([each for each in found.findings if each.at <= last]) == said(findings)
    assert len(findings) > 30


def test_an_empty_history() -> None:
    found = judged(catalogue_of(RULES), [])
    assert (found.readings, found.findings, found.start, found.end) == (0, [], 0, 0)


def test_loads_count_findings_episodes_and_series() -> None:
    readings = [(NOON + minute * MIN, name, "pm25", 100.0) for minute in range(10) for name in ("a", "b")]
    rules = RULES + "name: never, kind: threshold, metric: pm25, above: {red: 500}, notify: [water, traffic]\n"
    found = judged(catalogue_of(rules, *SENSORS), [*readings, (NOON + 10 * MIN, "a", "pm25", 10.0)])
    assert found.rules["smog"].findings == 2
    assert (found.rules["smog"].episodes, found.rules["smog"].entities) == (2, 2)
    assert found.rules["never"].findings == 0
    assert list(found.departments) == ["environment"] and found.departments["environment"].findings == 3
    assert [(each.sensor, each.reason) for each in found.findings if each.rule == "silent"] == [
        ("c", f"{UNSEEN}, {ALL}")
    ]
    recorded = {name: sensor(name) for name in ("a", "b")}
    [among] = backtest([catalogue_of(rules, *SENSORS)], ["environment"], History(iter(readings), recorded), MIN)
    assert "silent" not in {each.rule for each in among.findings}, "c is the city's and in no recorded file"


def test_a_store_gives_everything_in_order(tmp_path: Path) -> None:
    readings = day(random.Random(1))
    late = [(at, name, metric, value) for at, name, metric, value in readings if name == "b"][:20]
    store = open_store(f"sqlite:///{tmp_path / 'r.db'}")
    first = [each for each in readings if each not in late]
    for number, part in enumerate((first, late)):
        rows = [(name, metric, ts, value) for ts, name, metric, value in part]
        store.write([Batch(0, number, number + 1, [frame(rows, NOON)])])
    history = of_store(store, 0, FOREVER)
    assert history.total == len(readings)
    assert list(history.readings) == readings
    assert history.strangers(["a", "c"]) == ["b"]
    half = of_store(store, NOON + 60 * MIN, NOON + 120 * MIN)
    assert list(half.readings) == [each for each in readings if NOON + 60 * MIN <= each[0] < NOON + 120 * MIN]
    store.close()


def test_a_store_whose_rows_come_in_any_order() -> None:
    class Shuffled:
        def scan(self, start: int, end: int) -> object:
            rows = [(name, metric, ts, value) for ts, name, metric, value in day(random.Random(2))]
            random.Random(3).shuffle(rows)
            return iter(rows)

    assert list(of_store(Shuffled(), 0, FOREVER).readings) == day(random.Random(2))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "map_", "words"),
    [
        ([], "", "name the history"),
        (["a.csv"], "", "need --map"),
        (["sqlite:///nowhere.db"], "", "there is no store"),
        (["sqlite:///x.db", "a.csv"], "", "one store, or files"),
        (["sqlite:///x.db"], "metr-la", "knows its sensors"),
        (["mongo://x"], "", "the kinds are sqlite"),
        (["a.csv"], "metro", "did you mean 'metr-la'"),
    ],
)
def test_history_that_is_none(data: list[str], map_: str, words: str) -> None:
    with pytest.raises(TroubleError, match=words):
        open_history(data, map_, 0, FOREVER)


def test_a_sensor_that_is_two_things_is_a_fault() -> None:
    mine, theirs = {"a": sensor("a")}, {"a": sensor("a", district="south"), "z": sensor("z")}
    with pytest.raises(FaultsError, match="has a sensor 'a', and so has the city"):
        known_sensors(mine, theirs)
    assert known_sensors(mine, {"z": theirs["z"]}).keys() == {"a", "z"}


def episode(start: int, end: int | None, rule: str = "r", entity: str = "a/pm25") -> Episode:
    return Episode(rule, entity, ((start, "red"),), end, ())


def test_the_sketch_draws_its_episodes() -> None:
    found = [episode(0, 40), episode(20, 60, entity="b/pm25"), episode(70, None, "other")]
    lines = sketch(found, ["r", "other", "silent"], 0, 80, 8)
    #         10 ms a cell:    0 10 20 30 40 50 60 70
    assert lines[0] == "r     |▄▄██▄▄  | 2"
    assert lines[1] == "other |       █| 1"
    assert len(lines) == 3 and "1970-01-01 00:00" in lines[2]
    assert sketch([], ["r"], 0, 80, 8) == []


def test_the_picture_is_xml_with_a_bar_for_each_stage() -> None:
    staged = Episode("r<", "a/pm25", ((0, "yellow"), (40, "red")), None, ())
    root = ElementTree.fromstring(svg([staged, episode(10, 20)], "a & b", 0, 80))
    titles = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 3
    assert any("yellow" in each for each in titles) and any("red" in each and "not over" in each for each in titles)
    crowd = [episode(0, 10, entity=f"s{number}/pm25") for number in range(250)]
    assert "and 50 more" in svg(crowd, "crowd", 0, 80)
    assert "no findings" in svg([], "none", 0, 80)


def test_episodes_have_stages_and_an_end() -> None:
    minutes = [100.0] * 5 + [200.0] * 5 + [10.0] * 5
    found = judged(catalogue_of(RULES), [(NOON + i * MIN, "a", "pm25", v) for i, v in enumerate(minutes)])
    [smog] = [each for each in episodes(found.findings) if each.rule == "smog"]
    assert smog.steps == ((NOON + 3 * MIN, "yellow"), (NOON + 8 * MIN, "red"))
    assert smog.end == NOON + 12 * MIN


OLD = "name: smog, kind: threshold, metric: pm25, above: {yellow: 75}, hold: 3min"


def difference(new: str, values: list[float]) -> object:
    readings = iter([(NOON + i * MIN, "a", "pm25", value) for i, value in enumerate(values)])
    both = [catalogue_of(OLD), catalogue_of(new)]
    return compare(*backtest(both, ["environment"], History(readings, {})))


def test_a_longer_hold_moves_one_finding_and_removes_two() -> None:
    found = difference(OLD.replace("3min", "6min"), [10.0] * 5 + [100.0] * 5 + [10.0] * 5 + [100.0] * 10 + [10.0])
    assert (found.before, found.after, found.same) == (4, 2, 1)  # type: ignore[attr-defined]
    [moved] = found.moved  # type: ignore[attr-defined]
    assert (moved.at, moved.to, moved.change) == (NOON + 18 * MIN, NOON + 21 * MIN, "fired")
    assert [each.at for each in found.removed] == [NOON + 8 * MIN, NOON + 10 * MIN]  # type: ignore[attr-defined]
    assert found.added == [] and found.more_a_day < 0  # type: ignore[attr-defined]


def test_a_lower_limit_adds_and_another_text_is_no_difference() -> None:
    values = [10.0] * 5 + [60.0] * 10 + [10.0] * 5
    added = difference(OLD.replace("75", "50"), values)
    assert [each.change for each in added.added] == ["fired", "cleared"]  # type: ignore[attr-defined]
    before, after = added.departments["environment"]  # type: ignore[attr-defined]
    assert (before.findings, after.findings) == (0, 2)
    same = difference(OLD + ", text: other", [100.0] * 10)
    assert (same.same, same.added, same.removed, same.moved) == (1, [], [], [])  # type: ignore[attr-defined]


METR = """layout: columns
sensor: "d{column}"
kind: traffic
district: centre
department: traffic
interval: 5min
place: {lat: 34, lon: -118}
time: {start: "2026-01-01 00:00", every: 5min}
zone: Etc/UTC
values: {metric: speed, unit: km/h}
"""


@pytest.fixture
def recorded(tmp_path: Path) -> list[str]:
    """Two detectors; at the first traffic stands for an hour, at the second it is slow for a while."""
    rows = [f"{5 if 12 <= number < 24 else 50},{40 if 30 <= number < 40 else 60}" for number in range(60)]
    (tmp_path / "speed.csv").write_text("1,2\n" + "\n".join(rows) + "\n")
    (tmp_path / "map.yaml").write_text(METR)
    return ["--data", str(tmp_path / "speed.csv"), "--map", str(tmp_path / "map.yaml")]


def test_the_command_shows_counts_and_draws(recorded: list[str], tmp_path: Path) -> None:
    picture = tmp_path / "t.svg"
    done = CliRunner().invoke(app, ["backtest", str(FOLDER), *recorded, "--svg", str(picture)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("120 readings, 2026-01-01T00:00:00.000Z to ")
    assert any(line.split()[:2] == ["jam", "2"] for line in done.output.splitlines())
    assert any(line.startswith("jam") and "█" in line for line in done.output.splitlines())
    ElementTree.parse(picture)
    told = CliRunner().invoke(app, ["backtest", str(FOLDER), *recorded, "--from", "2026-01-01T01:05:00Z", "--json"])
    found = json.loads(told.stdout)
    assert found["readings"] == 94
    assert [each["change"] for each in found["findings"] if each["rule"] == "jam"] == ["fired", "cleared"]


def test_sensors_that_nobody_knows_are_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}"
    store = open_store(url)
    store.write([Batch(0, 0, 1, [frame([("air-centre-01", "pm25", NOON, 1.0), ("stray", "pm25", NOON, 1.0)], NOON)])])
    store.close()
    done = CliRunner().invoke(app, ["backtest", str(FOLDER), "--data", url])
    assert done.exit_code == 0 and "2 readings" in done.stdout
    assert "no rule judges 1 sensors that the registry lacks: stray" in done.stderr


def test_the_budget_decides_the_status(recorded: list[str], tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    text = (FOLDER / "rules" / "traffic.yaml").read_text()
    new.write_text(text.replace("below: {yellow: 15}", "below: {yellow: 45}").replace("{yellow: 20}", "{yellow: 45}"))
    words = ["diff", str(FOLDER / "rules" / "traffic.yaml"), str(new), "--city", str(FOLDER), *recorded]
    done = CliRunner().invoke(app, [*words, "--budget", "100"])
    assert done.exit_code == 0, done.output
    assert "within the budget of 100" in done.output
    assert CliRunner().invoke(app, [*words, "--budget", "1"]).exit_code == 1
    assert CliRunner().invoke(app, [*words]).exit_code == 0
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert [each["entity"] for each in found["added"]] == ["d2/speed", "d2/speed"]
    assert found["departments"]["traffic"]


def test_rules_alone_need_a_city(recorded: list[str], tmp_path: Path) -> None:
    lost = tmp_path / "deep" / "er" / "still"
    lost.mkdir(parents=True)
    (lost / "x.yaml").write_text((FOLDER / "rules" / "traffic.yaml").read_text())
    done = CliRunner().invoke(app, ["backtest", str(lost / "x.yaml"), *recorded])
    assert "Name its folder with --city" in str(done.exception)
    done = CliRunner().invoke(app, ["backtest", str(FOLDER), *recorded, "--tick", "often"])
    assert "--tick" in str(done.exception)
