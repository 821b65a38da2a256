"""The small pure parts: lengths of time, sentences, faults, units, identities, secrets, refusals."""

import pytest

from rules.duration import format_duration, parse_duration
from rules.faults import Fault, FaultsError, nearest
from rules.identity import CHUNKS, alert_id, chunk_of, episode_id, partition_of, refusal_id
from rules.refusal import SENTENCES, Code, Refusal
from rules.secret import Secret
from rules.sensor import ID
from rules.text import PLACEHOLDERS, number, render, strangers
from rules.units import METRICS, units_of


@pytest.mark.parametrize(
    ("text", "ms"), [("250ms", 250), ("90s", 90_000), ("5min", 300_000), ("1h", 3_600_000), ("2d", 172_800_000)]
)
def test_lengths_of_time(text: str, ms: int) -> None:
    assert parse_duration(text) == ms
    assert format_duration(ms) == text


@pytest.mark.parametrize("text", ["", "s", "5", "5 s", "1.5h", "-5s", "5m", "5S", "1h30min", "٥s", "1" * 10 + "s"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        parse_duration(text)


def test_a_length_is_written_in_the_greatest_unit_that_divides_it() -> None:
    assert [format_duration(ms) for ms in (0, 1, 90_000, 5_400_000, 90_000_000)] == ["0s", "1ms", "90s", "90min", "25h"]


def test_only_named_placeholders_are_replaced_and_only_once() -> None:
    values = {name: f"<{name}>" for name in PLACEHOLDERS}
    assert render("{value} {unit}{limit}", values) == "<value> <unit><limit>"
    assert render("{value.real} {0} {} {{value}} {value!r} }{", values) == "{value.real} {0} {} {<value>} {value!r} }{"
    assert render("{sensor}", values | {"sensor": "{rule}"}) == "{rule}"
    assert render("{other}", values) == "{other}"
    assert list(strangers("{value} {other} {__class__} {value.real}")) == ["other", "__class__"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (61.0, "61"), (61.25, "61.25"), (0.0004, "0"), (-0.0, "0"), (-0.0001, "0"), (-1.5, "-1.5"),
     (100.0, "100"), (1e12, "1000000000000"), (2 / 3, "0.667")],
)  # fmt: skip
def test_numbers_as_people_read_them(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_fault_says_where_what_and_what_to_do() -> None:
    assert str(Fault("a.yaml", 3, "rules[0]", "is odd", "make it even")) == "a.yaml:3: rules[0]: is odd. make it even"
    assert str(Fault("a.yaml", 0, "", "is empty")) == "a.yaml: is empty"
    error = FaultsError([Fault("b", 1, "", "x"), Fault("a", 2, "", "y"), Fault("a", 1, "", "z")])
    assert str(error) == "a:1: z\na:2: y\nb:1: x"
    assert [fault.file for fault in error.faults] == ["a", "a", "b"]


def test_the_nearest_word_or_all_of_them() -> None:
    assert nearest("metrik", ["rule", "metric"]) == "did you mean 'metric'?"
    assert nearest("zzz", ["b", "a"]) == "one of: a, b"


@pytest.mark.parametrize(
    ("metric", "unit", "value", "canonical"),
    [
        ("pm25", "mg/m3", 0.05, 50.0),
        ("pm25", "µg/m³", 50.0, 50.0),
        ("temperature", "degF", 212.0, 100.0),
        ("temperature", "K", 273.15, 0.0),
        ("humidity", "%", 55.0, 0.55),
        ("pressure", "Pa", 101325.0, 1013.25),
        ("wind_speed", "km/h", 36.0, 10.0),
        ("speed", "mph", 10.0, 16.09344),
        ("rain", "in", 1.0, 25.4),
        ("water_level", "ft", 10.0, 3.048),
        ("flow", "veh/5min", 10.0, 120.0),
        ("no2", "ppb", 100.0, 188.09),
        ("so2", "ppm", 0.1, 261.92),
        ("o3", "ppb", 50.0, 98.12),
        ("co", "ppm", 10.0, 11.4513),
        ("co", "ppb", 1000.0, 1.14513),
    ],
)
def test_units_become_canonical(metric: str, unit: str, value: float, canonical: float) -> None:
    known = units_of(metric)[unit]
    assert value * known.scale + known.shift == pytest.approx(canonical, rel=1e-4)


def test_every_metric_knows_its_own_unit_and_has_a_range() -> None:
    for name, metric in METRICS.items():
        own = units_of(name)[metric.unit]
        assert (metric.name, own.scale, own.shift) == (name, 1.0, 0.0)
        assert metric.lowest < metric.highest
        assert metric.title
    with pytest.raises(KeyError):
        units_of("pm2.5")
    assert "ppb" not in units_of("pm25")


def test_the_place_of_a_sensor_never_changes() -> None:
    # These numbers stand in stored state and in topics: another hash would send every sensor elsewhere.
    assert (chunk_of("air-001"), chunk_of("noise-17")) == (424, 350)
    assert partition_of("air-001", 8) == chunk_of("air-001") % 8
    numbers = [chunk_of(f"sensor-{number:05d}") for number in range(20_000)]
    assert min(numbers) >= 0
    assert max(numbers) < CHUNKS
    assert len(set(numbers)) == CHUNKS


def test_identities_depend_on_every_part_and_on_where_it_ends() -> None:
    assert episode_id("rule", "a/pm25", 5) == episode_id("rule", "a/pm25", 5)
    names = {
        episode_id("rule", "a/pm25", 5),
        episode_id("rule", "a/pm25", 6),
        episode_id("rulea", "/pm25", 5),
        episode_id("r", "ulea/pm25", 5),
        alert_id(episode_id("rule", "a/pm25", 5), "env"),
        refusal_id(b"topic", b"bytes", -1),
        refusal_id(b"topic", b"bytes", 0),
        refusal_id(b"topicb", b"ytes", 0),
    }
    assert len(names) == 8
    assert all(len(name) == 32 for name in names)
    assert episode_id("smog-pm25", "air-001/pm25", 1_700_000_000_000) == "90a2a8e232e84d15defdde216e0560f4"


def test_ids_hold_nothing_that_topics_or_urls_treat_specially() -> None:
    assert all(ID.fullmatch(word) for word in ("a", "A-1", "urn:dev:1", "a.b_c", "x" * 64))
    assert not any(ID.fullmatch(word) for word in ("", "-a", "a/b", "a+b", "#", "a b", "a\n", "é", "x" * 65))


def test_a_secret_is_seen_by_nobody_who_does_not_ask() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert secret != Secret("hunter3")
    assert secret != "hunter2"
    assert len({secret, Secret("hunter2"), Secret("x")}) == 2


def test_every_code_of_a_refusal_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Code)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
    assert Refusal(Code.not_json, "line 1").index == -1
