"""city.toml: each fault is found at its line, said with its key, and answered with what to do."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.derived.settings import Indices
from rules.derived.standards import NATIONAL
from rules.faults import Fault
from rules.secret import Secret
from urbanpulse.authors.sources import indices_of
from urbanpulse.schema import settable
from urbanpulse.settings import SECTIONS, Settings, parse_settings

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample-city" / "city.toml"


def faults_of(content: str, environ: dict[str, str] | None = None, folder: Path = Path()) -> list[Fault]:
    return parse_settings(content, "city.toml", environ or {}, folder)[1]


def settings_of(content: str, environ: dict[str, str] | None = None, folder: Path = Path()) -> Settings:
    settings, faults = parse_settings(content, "city.toml", environ or {}, folder)
    assert faults == []
    return settings


def test_an_empty_file_is_a_city_of_defaults() -> None:
    assert settings_of("") == Settings()


def test_the_sample_city_shows_every_key_with_its_default() -> None:
    text = SAMPLE.read_text()
    settings = settings_of(text)
    assert settings.city.name == "Sample City"
    for name, kind in SECTIONS.items():
        if name != "city":
            assert getattr(settings, name) == kind(), name
        for key in settable(kind):
            assert f"\n{key} = " in text, f"{name}.{key} is not shown"


def test_an_unknown_key_is_answered_with_the_nearest_one() -> None:
    [fault] = faults_of('[kafka]\nurl = "a:1"\npartitons = 4\n')
    assert (fault.line, fault.key, fault.suggestion) == (3, "kafka.partitons", "did you mean 'partitions'?")


def test_an_unknown_section_is_answered_with_the_nearest_one() -> None:
    [fault] = faults_of("\n[mqt]\nport = 1\n")
    assert (fault.line, fault.key, fault.suggestion) == (2, "mqt", "did you mean 'mqtt'?")


def test_a_broken_line_has_its_number() -> None:
    [fault] = faults_of('[city]\nname = "x"\nname == 1\n')
    assert fault.line == 3


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("partitions = 0", "from 1 to 1024"),
        ('partitions = "many"', "whole number"),
        ("partitions = true", "whole number"),
        ("partitions = 1.5", "whole number"),
        ('url = "http://a:1"', "host:port"),
        ('url = "a"', "host:port"),
        ('url = "a:99999"', "host:port"),
        ("url = 5", "text in quotes"),
    ],
)
def test_a_wrong_value_says_what_is_wanted(line: str, wanted: str) -> None:
    [fault] = faults_of(f"[kafka]\n{line}\n")
    assert fault.line == 2
    assert wanted in fault.message
    assert "default" in fault.suggestion


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('[mqtt]\nurl = "tcp://a:1"', "mqtt.url"),
        ('[mqtt]\nurl = "mqtt://"', "mqtt.url"),
        ('[mqtt]\nurl = "mqtt://a:1/x"', "mqtt.url"),
        ('[mqtt]\nurl = "mqtt://u:p@a:1"', "mqtt.url"),
        ('[store]\nurl = "influx://a"', "store.url"),
        ('[alerts]\nurl = "postgresql+psycopg://u:secret@h/db"', "alerts.url"),
        ('[city]\ntimezone = "Mars/North"', "city.timezone"),
        ('[city]\nname = ""', "city.name"),
        ('[ingest]\nahead = "soon"', "ingest.ahead"),
        ('[ingest]\nclock = "wall"', "ingest.clock"),
        ('[judge]\nflush = "0s"', "judge.flush"),
        ("[indices]\nfree_flow = 0", "indices.free_flow"),
        ('[indices]\nexempt = ["pm1"]', "indices.exempt"),
        ("[ingest]\nbridges = []", "ingest.bridges"),
        ('[ingest]\nbridges = [{id = "a"}]', "ingest.bridges"),
        ('[ingest]\nbridges = [{id = "a b", filter = "city/#"}]', "ingest.bridges"),
        ('[ingest]\nbridges = [{id = "a", filter = "#"}]', "ingest.bridges"),
        ('[ingest]\nbridges = [{id = "a", filter = "city/#"}, {id = "b", filter = "city/x/#"}]', "ingest.bridges"),
        ('[ingest]\nbridges = [{id = "a", filter = "city/y/#"}, {id = "b", filter = "city/x/#"}]', "ingest.bridges"),
        ('[ingest]\nbridges = [{id = "a", filter = "city/x/#"}, {id = "a", filter = "city/y/#"}]', "ingest.bridges"),
    ],
)
def test_each_wrong_value_is_one_fault_at_its_key(content: str, key: str) -> None:
    [fault] = faults_of(content)
    assert (fault.key, fault.line) == (key, 2)


def test_every_fault_is_told_at_once() -> None:
    content = '[city]\nnam = "x"\n[kafka]\npartitions = 0\n[store]\nurl = "ftp://x"\n[what]\nx = 1\n'
    assert [fault.line for fault in sorted(faults_of(content))] == [2, 4, 6, 7]


def test_the_environment_overrides_the_file() -> None:
    environ = {"URBANPULSE_KAFKA__URL": "k:9092", "URBANPULSE_KAFKA__PARTITIONS": "3", "HOME": "/x"}
    settings = settings_of('[kafka]\nurl = "embedded"\npartitions = 8\n', environ)
    assert (settings.kafka.url, settings.kafka.partitions) == ("k:9092", 3)


def test_bridges_in_the_environment() -> None:
    environ = {"URBANPULSE_INGEST__BRIDGES": "a=city/north/#;b=city/south/#,city/west/#"}
    settings = settings_of('[mqtt]\nurl = "mqtt://broker"\n', environ)
    assert [(plan.id, plan.filter) for plan in settings.ingest.bridges] == [
        ("a", "city/north/#"),
        ("b", "city/south/#,city/west/#"),
    ]


def test_a_name_in_the_environment_that_means_nothing_is_a_fault() -> None:
    [fault] = faults_of("", {"URBANPULSE_KAFKA_URL": "a:1"})
    assert (fault.file, fault.key) == ("environment", "URBANPULSE_KAFKA_URL")
    assert "URBANPULSE_KAFKA__URL" in fault.suggestion


def test_a_wrong_value_in_the_environment_names_its_variable() -> None:
    [fault] = faults_of("", {"URBANPULSE_KAFKA__PARTITIONS": "x"})
    assert (fault.file, fault.key) == ("environment", "URBANPULSE_KAFKA__PARTITIONS")


def test_a_secret_in_the_file_is_refused_and_never_shown() -> None:
    [fault] = faults_of('[mqtt]\npassword = "hunter2"\n')
    assert "hunter2" not in str(fault)
    assert "mqtt.password_file" in fault.suggestion


def test_secrets_come_from_files_and_the_environment(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    settings = settings_of('[mqtt]\npassword_file = "pw"\n', {"URBANPULSE_STORE__TOKEN": "t0ken"}, tmp_path)
    assert settings.mqtt.password == Secret("s3cret")
    assert settings.store.token == Secret("t0ken")
    assert "s3cret" not in repr(settings)
    assert "t0ken" not in repr(settings)


def test_a_missing_secret_file_is_a_fault_that_names_the_other_way(tmp_path: Path) -> None:
    [fault] = faults_of('[store]\ntoken_file = "nowhere"\n', folder=tmp_path)
    assert fault.line == 2
    assert "URBANPULSE_STORE__TOKEN" in fault.suggestion


def test_how_a_citys_indices_are_made() -> None:
    content = '[city]\ntimezone = "Asia/Shanghai"\n[indices]\nfree_flow = 80\nexempt = ["so2"]\n'
    assert indices_of(settings_of(content), NATIONAL) == Indices(ZoneInfo("Asia/Shanghai"), ("so2",), 80.0)
    assert indices_of(settings_of(""), NATIONAL) == Indices(ZoneInfo("UTC"))
