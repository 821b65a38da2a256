"""Rules and sensors together."""

from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.derived.settings import Indices
from rules.geography import Shape
from tests.support.judging import catalogue, sensor

RULE = "{name: r, kind: threshold, metric: pm25, above: {red: 10}}"


def test_a_rule_watches_the_sensors_that_match_in_every_part() -> None:
    sensors = [
        sensor("a", "pm25", district="north"),
        sensor("b", "pm25", district="south"),
        sensor("c", "pm25", district="north", kind="traffic"),
        sensor("d", "pm25", district="north", department="roads"),
        sensor("e", "noise", district="north"),
    ]
    wheres = {
        "": "abcd",
        "where: {district: north}": "acd",
        "where: {district: [north, south]}": "abcd",
        "where: {district: north, kind: air}": "ad",
        "where: {district: north, kind: air, department: env}": "a",
        "where: {sensor: [b, c]}": "bc",
        "where: {sensor: [b, c], kind: traffic}": "c",
    }
    for where, expected in wheres.items():
        city = catalogue(RULE.replace("above", f"{where}, above" if where else "above"), *sensors)
        assert "".join(each.id for each in sensors if city.rules_for(each.id, "pm25")) == expected, where
        assert city.rules_for("a", "noise") == ()
    assert city.rules_for("x", "pm25") == ()
    assert set(city.metrics) == {"pm25"}


def test_the_hash_names_all_that_can_change_an_answer_or_an_address() -> None:
    base = catalogue(RULE, sensor("a"), sensor("b"), bridges=("one", "two"))
    same = catalogue(RULE, sensor("b"), sensor("a"), bridges=("two", "one"))
    assert base.hash == same.hash
    others = [
        catalogue(RULE.replace("10", "11"), sensor("a"), sensor("b"), bridges=("one", "two")),
        catalogue(RULE, sensor("a", district="west"), sensor("b"), bridges=("one", "two")),
        catalogue(RULE, sensor("a", "pm25", "noise"), sensor("b"), bridges=("one", "two")),
        catalogue(RULE, sensor("a"), sensor("b"), bridges=("one",)),
        catalogue(RULE, sensor("a"), bridges=("one", "two")),
    ]
    assert len({base.hash, *(other.hash for other in others)}) == 6


def faults_of(*texts: str, sensors: tuple[str, ...] = ("a", "b"), departments: tuple[str, ...] = ("env",)) -> list[str]:
    rules = [rule for number, text in enumerate(texts) for rule in parse_rules(text, f"{number}.yaml")[0]]
    city = Catalogue({name: sensor(name, "pm25", "noise") for name in sensors}, tuple(rules))
    return [str(fault) for fault in check_catalogue(city, departments)]


FILE = "rules:\n  - name: r\n    kind: threshold\n    metric: pm25\n    above: {red: 10}\n"


def test_a_city_without_fault() -> None:
    assert faults_of(FILE, FILE.replace("name: r", "name: s") + "    notify: env\n    where: {kind: air}\n") == []


def test_a_name_used_in_two_files() -> None:
    assert faults_of(FILE, FILE) == [
        "1.yaml:2: rules[0].name: a rule named 'r' is already in 0.yaml:2. name one of them anew"
    ]


def test_words_that_no_sensor_bears() -> None:
    text = FILE + "    where:\n      district: nrth\n      sensor: [a, z]\n      kind: air\n      department: envi\n"
    assert faults_of(text) == [
        "0.yaml:7: rules[0].where.district: no sensor has the district 'nrth'. did you mean 'north'?",
        "0.yaml:8: rules[0].where.sensor: there is no sensor 'z'. one of: a, b",
        "0.yaml:10: rules[0].where.department: no sensor has the department 'envi'. did you mean 'env'?",
    ]


def test_a_metric_that_nobody_selected_measures() -> None:
    text = FILE.replace("pm25", "rain")
    assert faults_of(text) == ["0.yaml:4: rules[0]: no sensor that it selects measures rain"]
    assert faults_of(text + "    where: {sensor: a}\n") == [
        "0.yaml:6: rules[0]: no sensor that it selects measures rain"
    ]


def test_a_city_without_sensors_or_departments() -> None:
    found = faults_of(FILE + "    where: {sensor: a}\n    notify: env\n", sensors=(), departments=())
    assert found == [
        "0.yaml:6: rules[0].where.sensor: there is no sensor 'a'",
        "0.yaml:7: rules[0].notify: there is no department 'env'",
    ]


def test_an_unknown_department() -> None:
    assert faults_of(FILE + "    notify: [env, helth]\n", departments=("env", "health")) == [
        "0.yaml:6: rules[0].notify: there is no department 'helth'. did you mean 'health'?"
    ]


def test_windows_that_cut_each_other_into_too_many_panes() -> None:
    window = (
        "  - name: {}\n    kind: window\n    metric: pm25\n    aggregate: mean\n    every: {}\n    above: {{red: 1}}\n"
    )
    fine = "rules:\n" + window.format("day", "1d") + window.format("minute", "1min")
    assert faults_of(fine) == []
    long = window.replace("{}\n    above", "1s\n    over: {}\n    above").format("long", "1h")
    assert faults_of("rules:\n" + long) == [
        "0.yaml:6: rules[0].every: it is cut into 3600 panes, 1500 at most. make one length a multiple of the other, "
        "or the shorter one longer"
    ]
    assert faults_of("rules:\n" + window.format("day", "1d") + window.format("odd", "7s")) == [
        "0.yaml:6: rules[0].every: with odd it is cut into 86400 panes, 1500 at most. make one length a multiple of "
        "the other, or the shorter one longer"
    ]


def derived(*rules: str) -> list[str]:
    found, faults = parse_rules("rules:\n" + "\n".join(f"  - {rule}" for rule in rules), "rules.yaml")
    assert not faults
    sensors = {"a": sensor("a", "pm25", interval=300_000), "b": sensor("b", "speed", district="south")}
    return [str(fault) for fault in check_catalogue(Catalogue(sensors, tuple(found), (), Indices()), {"env"})]


def test_a_rule_on_an_index_needs_what_it_is_made_of() -> None:
    [fault] = derived("{name: r, kind: threshold, metric: aqi_cn, above: {red: 1}}")
    assert "no sensor that it selects has what aqi_cn is made of" in fault
    assert derived("{name: r, kind: threshold, metric: nowcast_pm25, above: {red: 1}}") == []


def test_no_window_may_be_shorter_than_the_index_it_watches() -> None:
    rule = "{name: r, kind: window, metric: METRIC, aggregate: mean, every: EVERY, above: {red: 1}}"
    for metric, every, short in (
        ("nowcast_pm25", "30min", "1h"), ("nowcast_pm25", "1h", ""), ("tpi", "1min", "5min"), ("tpi", "5min", "")
    ):  # fmt: skip
        faults = derived(rule.replace("METRIC", metric).replace("EVERY", every))
        assert len(faults) == bool(short)
        assert all(f"comes every {short}: no window may be shorter" in fault for fault in faults)


def test_indices_are_part_of_the_catalogues_hash() -> None:
    cities = [Catalogue({"a": sensor("a", "speed", free_flow=own)}, (), (), each)
              for own in (0.0, 90.0) for each in (None, Indices(), Indices(free_flow=80.0))]  # fmt: skip
    assert len({city.hash for city in cities}) == len(cities)


def test_the_map_is_part_of_what_the_hash_names() -> None:
    ring = ((13.0, 51.0), (14.0, 51.0), (14.0, 52.0), (13.0, 51.0))
    without = Catalogue({}, ())
    north, south = (Catalogue({}, (), shapes={name: Shape(name, ((ring,),))}) for name in ("north", "south"))
    assert len({without.hash, north.hash, south.hash}) == 3
    assert Catalogue({}, (), shapes=dict(north.shapes)).hash == north.hash
