"""The text of a catalogue: equal texts have one name, and what is wrong in it is said with its file."""

import pytest

from rules.body import Body, BodyError, decode, encode, hash_of, read_body, sensors_of, sound
from rules.faults import FaultsError

SENSORS = """id,kind,department,district,lat,lon,metrics,interval
a,air,env,north,48,2,pm25,60s
"""
ONE = "rules:\n  - {name: one, kind: threshold, metric: pm25, above: {red: 10}}\n"
TWO = ONE.replace("one", "two")


def body(**files: str) -> Body:
    return Body(
        files={name.replace("__", "/") + ".yaml": text for name, text in files.items()} | {"sensors.csv": SENSORS}
    )


def test_it_gives_the_catalogue_with_the_rules_in_the_order_of_the_files() -> None:
    catalogue, faults = read_body(body(rules__b=TWO, rules__a=ONE))
    assert not faults
    assert [rule.name for rule in catalogue.rules] == ["one", "two"]
    assert [*catalogue.sensors] == ["a"]
    assert (catalogue.bridges, catalogue.indices) == ((), None)
    assert catalogue.rules[0].place.file == "rules/a.yaml"


def test_settings_come_along() -> None:
    whole = Body(
        files=body(rules__a=ONE).files, bridges=("n", "s"), timezone="Asia/Shanghai", exempt=("so2",), free_flow=80.0
    )
    catalogue = sound(whole)
    assert catalogue.bridges == ("n", "s")
    assert catalogue.indices is not None
    assert (str(catalogue.indices.zone), catalogue.indices.exempt, catalogue.indices.free_flow) == (
        "Asia/Shanghai",
        ("so2",),
        80.0,
    )


def test_the_order_in_which_files_were_found_changes_neither_bytes_nor_hash() -> None:
    one, other = body(rules__a=ONE, rules__b=TWO), body(rules__b=TWO, rules__a=ONE)
    assert encode(one) == encode(other)
    assert one.hash == other.hash
    assert len(one.hash) == 32
    assert one.hash != body(rules__a=ONE).hash


def test_what_was_encoded_is_decoded() -> None:
    one = Body(files=body(rules__a=ONE).files, timezone="UTC")
    assert decode(encode(one), one.hash) == one


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"nonsense", "cannot be read"), (b'{"v":9}', "version 9"), (b'{"strange":1}', "strange"), (b"\xff", "cannot")],
)
def test_bytes_that_are_no_body_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        decode(data, hash_of(data))


def test_another_body_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(BodyError, match="damaged"):
        decode(encode(body(rules__a=ONE)), "0" * 32)


def test_every_fault_is_told_with_its_file() -> None:
    wrong = Body(files={"rules/a.yaml": "rules: 3\n", "rules/b.yaml": ONE, "rules/c.txt": "x"}, timezone="Nowhere/At")
    catalogue, faults = read_body(wrong, "city/")
    assert [(fault.file, fault.line) for fault in faults] == [
        ("city.toml", 0),
        ("city/rules/a.yaml", 1),
        ("city/sensors.csv", 0),
    ]
    assert (len(catalogue.rules), catalogue.sensors, catalogue.indices) == (1, {}, None)


def test_a_body_without_rules_is_a_fault() -> None:
    with pytest.raises(FaultsError, match="no files of rules"):
        sound(Body(files={"sensors.csv": SENSORS}))


def test_the_registry_can_be_had_alone() -> None:
    assert [*sensors_of(Body(files={"sensors.csv": SENSORS, "rules/a.yaml": "nonsense: ["}))] == ["a"]
    with pytest.raises(FaultsError, match="missing"):
        sensors_of(Body())
