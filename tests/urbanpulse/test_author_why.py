"""`urbanpulse why` and `why-not` on a real log (the embedded Kafka) and a real desk."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alerts.departments import parse_departments
from alerts.desk import Desk
from alerts.silences import Silence
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import FrameReader, encode
from rules.identity import alert_id, partition_of
from tests.support.authors import NOON
from tests.support.embedded import embedded_kafka
from tests.support.frames import frame, tick
from tests.support.small_city import SAMPLE, small_city
from urbanpulse.authors.group_story import tell_group
from urbanpulse.catalogue_folder import load_catalogue
from urbanpulse.cli import app
from urbanpulse.folder import load_settings
from urbanpulse.kafka import create_topics, producer

SENSOR, PARTITIONS, FIVE = "air-centre-01", 4, 300_000
VALUES = [60.0] * 6 + [90.0] * 6 + [60.0] * 6


class City:
    """A city on servers of its own: its log holds an hour and a half of one sensor, its desk what came of it."""

    def __init__(self, folder: Path, kafka: str) -> None:
        self.folder, self.run = small_city(folder / "city"), folder / "run"
        (self.folder / "city.toml").write_text(
            f'[mqtt]\nurl = "mqtt://127.0.0.1:1"\n[kafka]\nurl = "{kafka}"\npartitions = {PARTITIONS}\n'
        )
        (self.folder / "rules" / "pairs.yaml").write_text(
            "rules: [{name: smog-holds, kind: combine, all: [{rule: smog-pm25}], severity: red, notify: environment}]\n"
        )
        create_topics(kafka, PARTITIONS)
        home = partition_of(SENSOR, PARTITIONS)
        records = []
        for number, value in enumerate(VALUES):
            at = NOON + number * FIVE
            records += [tick(at), frame([(SENSOR, "pm25", at, value)], at)]
        records.append(tick(NOON + len(VALUES) * FIVE))
        catalogue = load_catalogue(self.folder, load_settings(self.folder, {}))
        engine = Engine(catalogue, partition=home, partitions=PARTITIONS)
        self.findings: list[Finding] = []
        with producer(kafka) as sender:
            for offset, each in enumerate(records):
                sender.send("readings", encode(each), partition=home).get(10)
                read = FrameReader(home, PARTITIONS).read(encode(each))
                self.findings += engine.tick(offset, read) if read.tick else engine.frame(offset, read)
            for other in (number for number in range(PARTITIONS) if number != home):
                for each in records:
                    if each.tick:
                        sender.send("readings", encode(each), partition=other).get(10)
        log = [
            (partition, offset, each)
            for partition in range(PARTITIONS)
            for offset, each in enumerate(each for each in records if each.tick or partition == home)
        ]
        [rule] = (each for each in catalogue.rules if each.name == "smog-holds")
        self.findings += tell_group(log, catalogue, rule, partitions=PARTITIONS).findings
        (self.run / "data").mkdir(parents=True)
        file = self.folder / "departments.yaml"
        departments, _ = parse_departments(file.read_text(), str(file))
        desk = Desk(f"sqlite:///{self.run / 'data' / 'alerts.db'}", departments)
        desk.take(self.findings)
        desk.close()

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--city", str(self.folder), "--run", str(self.run)])


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("why")
    with embedded_kafka(folder) as kafka:
        yield City(folder, kafka)


def smog(city: City) -> Finding:
    return next(each for each in city.findings if each.rule == "smog-pm25" and each.change == "fired")


def test_why_shows_the_readings_that_an_alert_rests_on(city: City) -> None:
    fired = smog(city)
    alert = alert_id(fired.episode, "environment")
    done = city("why", alert)
    assert done.exit_code == 0, (done.output, done.exception)
    assert (
        "2026-01-01T12:45:00.000Z fired (yellow, value 90 ug/m3, limit 75, rests on 90 at 2026-01-01T12:30"
        in done.output
    )
    assert "cleared (was yellow" in done.output
    assert "the log, judged again, agrees with the alert" in done.output
    short = city("why", alert[:8], "--json")
    found = json.loads(short.stdout)
    assert found["agrees"] is True and found["notes"] == []
    assert [each["change"] for each in found["findings"]] == ["fired", "cleared"]
    values = [reading[1] for reading in found["readings"]]
    assert values[:2] == [60.0, 90.0] and values[-1] == 60.0


def test_why_of_an_alert_about_what_several_rules_say(city: City) -> None:
    fired = next(each for each in city.findings if each.rule == "smog-holds")
    done = city("why", alert_id(fired.episode, "environment"))
    assert done.exit_code == 0, (done.output, done.exception)
    assert "2026-01-01T12:45:00.000Z fired (red, value 90): smog-holds at air-centre-01: its conditions" in done.output
    assert "  air-centre-01 since 2026-01-01T12:45:00.000Z: yellow 90" in done.output
    assert "the log, judged again, agrees with the alert" in done.output
    short = city("why", alert_id(fired.episode, "environment"), "--json")
    assert json.loads(short.stdout)["agrees"] is True


def test_why_says_when_the_rule_has_changed_since(city: City) -> None:
    file = city.folder / "rules" / "air.yaml"
    text = file.read_text()
    alert = alert_id(smog(city).episode, "environment")
    try:
        file.write_text(text.replace("hold: 15min", "hold: 20min", 1))
        done = city("why", alert)
        assert "the rule has changed since" in done.output
        assert "does not give this episode" in done.output
        file.write_text(text.replace("name: smog-pm25", "name: smog-pm-25", 1))
        assert "no rule 'smog-pm25' any more: did you mean 'smog-pm-25'?" in str(city("why", alert).exception)
    finally:
        file.write_text(text)


def test_why_of_no_alert(city: City) -> None:
    assert "there is no alert 'ffff0000'" in str(city("why", "ffff0000").exception)


def test_an_index_has_reasons_too(city: City) -> None:
    done = city("why-not", SENSOR, "congestion", "2026-01-01T12:10:00Z")
    assert done.output.startswith(f"not_measured: {SENSOR} does not measure tpi")
    rows = (city.folder / "sensors.csv").read_text().splitlines()
    road = next(row.split(",")[0] for row in rows if row.split(",")[1] == "ringroad")
    done = city("why-not", road, "congestion", "2026-01-01T12:10:00Z")
    assert done.output.startswith("no_data: no reading of tpi"), (done.output, done.exception)


@pytest.mark.parametrize(
    ("words", "begin"),
    [
        ((SENSOR, "smog-pm25", "2026-01-01T12:10:00Z"), "below_limit: 60 at 2026-01-01T12:10:00.000Z is not above 75"),
        ((SENSOR, "smog-pm25", "2026-01-01T12:40:00Z"), "holding: above 75 (yellow) since 2026-01-01T12:30:00.000Z"),
        ((SENSOR, "smog-pm25", "2026-01-01T12:50:00Z"), "firing: it is firing: yellow since 2026-01-01T12:45:00.000Z"),
        ((SENSOR, "smog-pm25", "2026-01-01T13:05:00Z"), "keep_firing: it is firing: yellow"),
        ((SENSOR, "ozone", "2026-01-01T12:10:00Z"), "no_data: no reading of o3 by air-centre-01"),
        ((SENSOR, "jam", "2026-01-01T12:10:00Z"), "not_measured: air-centre-01 does not measure speed"),
        ((SENSOR, "smog", "2026-01-01"), "unknown_rule: the city has no rule 'smog'"),
        ((SENSOR, "smog-holds", "2026-01-01T12:10:00Z"), "not_met: air-centre-01: all of (rule smog-pm25) is not true"),
        ((SENSOR, "smog-holds", "2026-01-01T12:50:00Z"), "firing: air-centre-01: red since 2026-01-01T12:45"),
        (
            ("air-center-01", "jam", "2026-01-01"),
            "unknown_sensor: the city has no sensor 'air-center-01': did you mean",
        ),
        (
            (SENSOR, "silent-air", "2026-01-01T13:10:00Z", "--metric", "pm25"),
            "heard: heard at 2026-01-01T13:10:00.000Z",
        ),
    ],
)
def test_why_not(city: City, words: tuple[str, ...], begin: str) -> None:
    done = city("why-not", *words)
    assert done.exit_code == 0, (done.output, done.exception)
    assert done.output.startswith(begin)


def test_why_not_asks_which_metric_is_meant(city: City) -> None:
    done = city("why-not", SENSOR, "silent-air", "2026-01-01T13:10:00Z")
    assert "--metric pm25 or o3" in str(done.exception)


def test_why_not_as_json(city: City) -> None:
    done = city("why-not", SENSOR, "smog-pm25", "2026-01-01T12:40:00Z", "--json")
    assert json.loads(done.stdout)["code"] == "holding"


def desk_of(city: City, *silences: Silence) -> None:
    """Another desk, which was told of the findings under these silences."""
    file = city.run / "data" / "alerts.db"
    for old in file.parent.glob("alerts.db*"):
        old.unlink()
    desk = Desk(f"sqlite:///{file}", DEPARTMENTS)
    for each in silences:
        desk.silence(each)
    desk.take(city.findings)
    desk.close()


def silence_of(**names: str) -> Silence:
    return Silence(
        **names, begins=0, ends=time.time_ns() // 1_000_000 + 3_600_000, by="li", because="the filter is being changed"
    )


DEPARTMENTS, _ = parse_departments((SAMPLE / "departments.yaml").read_text(), "departments.yaml")
FIRING = (SENSOR, "smog-pm25", "2026-01-01T12:50:00Z")


def test_why_not_says_who_is_kept_from_hearing(city: City) -> None:
    try:
        desk_of(city, silence_of(sensor=SENSOR))
        said = city("why-not", *FIRING).output.splitlines()
        assert said[0] == "silenced: environment was not told: the filter is being changed (li, silence 1)"
        assert said[1].startswith("  it is firing: yellow since 2026-01-01T12:45:00.000Z")
        assert json.loads(city("why-not", *FIRING, "--json").output)["code"] == "silenced"
        group = city("why-not", SENSOR, "smog-holds", "2026-01-01T12:50:00Z").output
        assert group.startswith("silenced: environment was not told"), group
        before = city("why-not", SENSOR, "smog-pm25", "2026-01-01T12:40:00Z").output
        assert before.startswith("holding: "), "what is not on cannot be silenced"
        desk_of(city, silence_of(rule="smog-holds"))
        assert city("why-not", *FIRING).output.startswith("firing: ")
        (city.run / "data" / "alerts.db").write_bytes(b"no database at all, however long one may look at it")
        lost = city("why-not", *FIRING).output
        assert lost.startswith("firing: ") and "whether departments were told is not known" in lost
    finally:
        desk_of(city)
