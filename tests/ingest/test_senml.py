"""SenML in JSON and CBOR: the examples of RFC 8428, units of its registry, and what is refused with which reason."""

import json
from base64 import b64decode
from pathlib import Path

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.contract import Contract
from ingest.reading import Outcome, RefusedError
from ingest.senml import cbor
from ingest.senml.pack import Record, resolve
from ingest.senml.read import is_senml
from ingest.senml.units import senml_units
from rules.refusal import Code
from rules.sensor import Calibration
from rules.units import METRICS
from tests.support.ingest_city import EARLIEST, JANUARY, LATEST, NOW, channel, sensor, small_city

# The sensor of the RFC's examples, with the metrics that a city knows.
OW = "urn:dev:ow:10e2073a01080063"
SECOND = 1_000
HUMID = {"humidity": channel("humidity", "%")}
FIRST_EXAMPLE = f'[{{"n":"{OW}","u":"Cel","v":23.1}}]'
CURRENT = """[
  {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
  {"n":"current","t":-5,"v":1.2}, {"n":"current","t":-4,"v":1.3}, {"n":"current","t":-3,"v":1.4},
  {"n":"current","t":-2,"v":1.5}, {"n":"current","t":-1,"v":1.6}, {"n":"current","v":1.7}
]"""
# The dump of section 6.
CURRENT_CBOR = bytes.fromhex(
    "87a721781b75726e3a6465763a6f773a31306532303733613031303830303"
    "63a22fb41d303a15b00106223614120050067766f6c7461676501615602fb405e066666666666a3006763757272656e740624"
    "02fb3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccda3006763757272656e74062202fb3ff6666666666666"
    "a3006763757272656e74062102f93e00a3006763757272656e74062002fb3ff999999999999aa3006763757272656e74060002fb3ffb333333333333"
)
MOVING = f"""[
  {{"bn":"{OW}","bt":1.320067464e+09,"bu":"%RH","v":20}},
  {{"u":"lon","v":24.30621}}, {{"u":"lat","v":60.07965}}, {{"t":60,"v":20.3}},
  {{"u":"lon","t":60,"v":24.30622}}, {{"u":"lat","t":60,"v":60.07965}}, {{"t":120,"v":20.7}},
  {{"u":"lon","t":120,"v":24.30623}}, {{"u":"lat","t":120,"v":60.07966}}, {{"u":"%EL","t":150,"v":98}},
  {{"t":180,"v":21.2}}, {{"u":"lon","t":180,"v":24.30628}}, {{"u":"lat","t":180,"v":60.07967}}
]"""
OCTOBER = 1_320_067_464_000


def city(name: str = OW, **more: object) -> Contract:
    return Contract({name: sensor(name, **more)})


def ask(contract: Contract, payload: str | bytes, topic: str = f"city/north/air/{OW}", earliest: int = 0) -> Outcome:
    data = payload.encode() if isinstance(payload, str) else payload
    return contract.read(topic, data, earliest, LATEST)


def codes(outcome: Outcome) -> list[str]:
    return [refusal.code.value for refusal in outcome.refusals]


def test_a_single_data_point_is_relative_to_now() -> None:
    assert resolve(json.loads(FIRST_EXAMPLE)) == [Record(OW, "Cel", 0.0, 23.1)]


def test_multiple_data_points() -> None:
    pack = f'[{{"bn":"{OW}:","n":"voltage","u":"V","v":120.1}},{{"n":"current","u":"A","v":1.2}}]'
    assert resolve(json.loads(pack)) == [Record(f"{OW}:voltage", "V", 0, 120.1), Record(f"{OW}:current", "A", 0, 1.2)]


def test_times_and_units_from_the_base() -> None:
    records = resolve(json.loads(CURRENT))
    device = "urn:dev:ow:10e2073a0108006:"
    assert records[0] == Record(f"{device}voltage", "V", 1276020076.001, 120.1)
    assert [record.time for record in records[1:]] == [1276020076.001 + t for t in (-5, -4, -3, -2, -1, 0)]
    assert {(record.name, record.unit) for record in records[1:]} == {(f"{device}current", "A")}


def test_the_dump_in_cbor_is_the_same_pack() -> None:
    assert len(CURRENT_CBOR) == 0xC3
    assert resolve(cbor.parse(CURRENT_CBOR)) == resolve(json.loads(CURRENT))


def test_resolved_data() -> None:
    expected = [
        Record(OW, unit, 1.320067464e9 + t, value)
        for t, unit, value in (
            (0, "%RH", 20), (0, "lon", 24.30621), (0, "lat", 60.07965), (60, "%RH", 20.3), (60, "lon", 24.30622),
            (60, "lat", 60.07965), (120, "%RH", 20.7), (120, "lon", 24.30623), (120, "lat", 60.07966),
            (150, "%EL", 98), (180, "%RH", 21.2), (180, "lon", 24.30628), (180, "lat", 60.07967),
        )
    ]  # fmt: skip
    records = resolve(json.loads(MOVING))
    assert records == expected
    again = [{"n": one.name, "u": one.unit, "t": one.time, "v": one.value} for one in records]
    assert resolve(again) == records


def test_multiple_data_types() -> None:
    pack = (
        f'[{{"bn":"{OW}:","n":"temp","u":"Cel","v":23.1}},{{"n":"label","vs":"Machine Room"}},'
        '{"n":"open","vb":false},{"n":"nfv-reader","vd":"aGkgCg"}]'
    )
    assert [record.value for record in resolve(json.loads(pack))] == [23.1, "Machine Room", False, b"hi \n"]


def test_a_collection_of_resources() -> None:
    pack = """[{"bn":"2001:db8::2/","bt":1.320078429e+09,"n":"temperature","u":"Cel","v":25.2},
               {"n":"humidity","u":"%RH","v":30},
               {"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3}, {"n":"humidity","u":"%RH","v":67}]"""
    records = resolve(json.loads(pack))
    assert records[3] == Record("2001:db8::1/humidity", "%RH", 1.320078429e9, 67)


def test_lights_are_switched_on_and_faded_out() -> None:
    on = """[{"bt":1.320078429e+09,"bu":"/","n":"2001:db8::3","v":1},{"n":"2001:db8::4","v":1}]"""
    assert resolve(json.loads(on)) == [Record(f"2001:db8::{n}", "/", 1.320078429e9, 1) for n in (3, 4)]
    off = """[{"bt":1.320078429e+09,"bu":"/","n":"2001:db8::3","v":0.5},{"n":"2001:db8::4","v":0.5},
              {"n":"2001:db8::3","t":0.1,"v":0},{"n":"2001:db8::4","t":0.1,"v":0}]"""
    assert resolve(json.loads(off)) == [
        Record(f"2001:db8::{n}", "/", 1.320078429e9 + later, value)
        for later, value in ((0, 0.5), (0.1, 0))
        for n in (3, 4)
    ]


def test_base_fields_alone_are_no_record() -> None:
    pack = (
        f'[{{"bn":"{OW}:"}},{{"n":"temp","u":"Cel","v":23.1}},{{"n":"heat","u":"/","v":1}},{{"n":"fan","u":"/","v":0}}]'
    )
    assert [record.name.rpartition(":")[2] for record in resolve(json.loads(pack))] == ["temp", "heat", "fan"]


def test_base_values_and_sums_are_added() -> None:
    records = resolve([{"bn": "a", "bv": 20, "bs": 100, "v": 0.5, "s": 1, "ut": 60}, {"t": 1}, {"bv": 0, "v": -1}])
    assert [(record.value, record.sum, record.update) for record in records] == [
        (20.5, 101, 60), (20, 100, None), (-1, 100, None),
    ]  # fmt: skip
    assert resolve([{"n": "a", "s": 5}])[0] == Record("a", "", 0, None, 5)


@pytest.mark.parametrize(
    ("pack", "code"),
    [
        ([], Code.wrong_shape), ({}, Code.wrong_shape), (["a"], Code.wrong_shape), ([{"n": "a"}], Code.missing_field),
        ([{"n": 1, "v": 1}], Code.wrong_shape), ([{"n": "a b", "v": 1}], Code.wrong_shape),
        ([{"n": "-a", "v": 1}], Code.wrong_shape), ([{"v": 1}], Code.wrong_shape),
        ([{"n": "a", "v": "1"}], Code.not_a_number), ([{"n": "a", "v": True}], Code.not_a_number),
        ([{"n": "a", "v": 10**400}], Code.not_finite), ([{"n": "a", "v": float("nan")}], Code.not_finite),
        ([{"n": "a", "v": 1, "vs": "x"}], Code.wrong_shape), ([{"n": "a", "vb": 1}], Code.wrong_shape),
        ([{"n": "a", "vs": 1}], Code.wrong_shape), ([{"n": "a", "vd": "?"}], Code.wrong_shape),
        ([{"n": "a", "vd": 1}], Code.wrong_shape), ([{"n": "a", "v": 1, "must_": 1}], Code.wrong_shape),
        ([{"n": "a", "v": 1, "bver": 11}], Code.wrong_shape), ([{"n": "a", "v": 1, "bver": "5"}], Code.wrong_shape),
        ([{"n": "a", "v": 1, "bver": 5}, {"n": "a", "v": 1, "bver": 6}], Code.wrong_shape),
        ([{"n": "a", "v": 1}, {"n": "a", "v": 1, "bver": 5}], Code.wrong_shape),
    ],
)  # fmt: skip
def test_what_is_no_pack(pack: object, code: Code) -> None:
    with pytest.raises(RefusedError) as caught:
        resolve(pack)
    assert caught.value.code == code


def test_unknown_fields_are_ignored() -> None:
    assert resolve([{"n": "a", "v": 1, "colour": "red", "_x": 2}])[0].value == 1


# -- on the city's topics


def test_the_humidity_of_a_mobile_device() -> None:
    outcome = ask(city(channels=HUMID), MOVING)
    assert [(one.metric, one.ts, one.value) for one in outcome.readings] == [
        ("humidity", OCTOBER + seconds * SECOND, pytest.approx(value))
        for seconds, value in ((0, 0.20), (60, 0.203), (120, 0.207), (180, 0.212))
    ]
    assert codes(outcome) == ["unknown_metric"] * 9  # positions and the battery
    assert [refusal.index for refusal in outcome.refusals][:2] == [1, 2]


def test_now_is_no_time() -> None:
    contract = city(channels={"temperature": channel("temperature", "degC")})
    assert codes(ask(contract, FIRST_EXAMPLE)) == ["bad_time"]
    assert codes(ask(contract, f'[{{"n":"{OW}","u":"Cel","v":23.1,"t":268435455}}]')) == ["bad_time"]
    assert ask(contract, f'[{{"n":"{OW}","u":"Cel","v":23.1,"t":268435456}}]').readings[0].ts == 268_435_456_000


@pytest.mark.parametrize("name", ["pm25", "air-2:pm25", "air-2/pm25"])
def test_names_on_a_sensors_own_topic(name: str) -> None:
    pack = json.dumps([{"n": name, "u": "ug/m3", "t": NOW / 1000, "v": 61}])
    outcome = Contract(small_city()).read("city/north/air/air-2", pack.encode(), EARLIEST, LATEST)
    assert [(one.sensor, one.metric, one.ts, one.value) for one in outcome.readings] == [("air-2", "pm25", NOW, 61.0)]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"n": "air-1:pm25", "v": 1}, "topic_mismatch"), ({"n": "air-2:pm1", "v": 1}, "unknown_metric"),
        ({"n": "air-2", "u": "ug/m3", "v": 1}, "unknown_metric"),  # three metrics have this unit
        ({"n": "pm25", "u": "Cel", "v": 1}, "unit_unknown"), ({"n": "pm25", "u": "ug/m3", "v": -1}, "out_of_range"),
        ({"n": "pm25", "vs": "high"}, "not_a_number"), ({"n": "pm25", "vb": True}, "not_a_number"),
        ({"n": "pm25", "s": 5}, "not_a_number"), ({"n": "pm25", "v": 1, "t": 61}, "too_far_ahead"),
        ({"n": "pm25", "v": 1, "t": -8 * 86_400}, "too_old"),
    ],
)  # fmt: skip
def test_a_refused_record_leaves_the_others(record: dict[str, object], code: str) -> None:
    pack = json.dumps([{"bt": NOW // 1000, "n": "o3", "v": 80}, record, {"n": "no2", "v": 40}])
    outcome = Contract(small_city()).read("city/north/air/air-2", pack.encode(), EARLIEST, LATEST)
    assert [one.metric for one in outcome.readings] == ["o3", "no2"]
    assert codes(outcome) == [code]
    assert outcome.refusals[0].index == 1


def test_a_gateway_names_its_sensors() -> None:
    pack = [
        {"bt": NOW // 1000, "n": "near-1:pm25", "v": 1}, {"n": "near-2/o3", "v": 2}, {"n": "other:pm25", "v": 3},
        {"n": "ghost:pm25", "v": 4}, {"n": "pm25", "v": 5}, {"n": "near-1", "u": "ug/m3", "v": 6},
    ]  # fmt: skip
    outcome = Contract(small_city()).read("city/north/gateway/gw-1", json.dumps(pack).encode(), EARLIEST, LATEST)
    assert [(one.sensor, one.metric) for one in outcome.readings] == [("near-1", "pm25"), ("near-2", "o3")]
    assert codes(outcome) == ["gateway_mismatch", "unknown_sensor", "unknown_sensor", "unknown_metric"]


def test_a_sensor_is_named_alone_where_its_unit_tells_the_metric() -> None:
    contract = city("w", channels={"temperature": channel("temperature", "degF"), **HUMID})
    pack = json.dumps([{"bn": "w", "bt": NOW // 1000, "u": "Cel", "v": 30}, {"u": "%RH", "v": 54}])
    outcome = ask(contract, pack, "city/north/air/w")
    assert [(one.metric, one.value) for one in outcome.readings] == [("temperature", 30), ("humidity", 0.54)]


def test_without_a_unit_it_is_the_registrys_and_calibrations_hold_for_both() -> None:
    calibrated = {"pm25": channel("pm25", "mg/m3", Calibration(JANUARY, 2.0, 1.0))}
    contract = city("c", channels=calibrated)
    pack = json.dumps([{"bn": "c:pm25", "bt": NOW // 1000, "v": 0.05}, {"u": "ug/m3", "v": 50}])
    outcome = ask(contract, pack, "city/north/air/c")
    assert [one.value for one in outcome.readings] == [pytest.approx(101), pytest.approx(101)]


def test_a_pack_in_cbor_on_a_topic() -> None:
    pack = cbor2.dumps([{-2: OW, -3: OCTOBER / 1000, -4: "%RH", 2: 20}, {6: 60, 2: 20.3}])
    assert [one.value for one in ask(city(channels=HUMID), pack).readings] == [pytest.approx(0.2), pytest.approx(0.203)]
    assert codes(ask(city(), pack[:-1])) == ["not_cbor"]
    assert codes(ask(city(), cbor2.dumps([{-2: OW}]))) == ["empty"]
    assert codes(ask(city(), cbor2.dumps([{0: "a", 2: 1}] * 1001))) == ["too_large"]


@pytest.mark.parametrize(
    ("payload", "senml"),
    [
        (MOVING, True), (' [{"n":"a","v":1}]', True), ('[{"ts":1,"values":{"pm25":1}}]', False), ("[]", False),
        ('[{"ts":1,"values":{},"n":"a"}]', False), ('{"n":"a"}', False), ("[1]", False), ("[{]", False), ("", False),
        ('[{"x":1}]', False),
    ],
)  # fmt: skip
def test_which_contract_it_is(payload: str, senml: bool) -> None:
    assert is_senml(payload.encode()) is senml


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_raise(payload: bytes) -> None:
    outcome = ask(city(), payload)
    assert outcome.readings or outcome.refusals
    outcome = ask(city(), b"\x82" + payload)
    assert outcome.readings or outcome.refusals


# -- units


@pytest.mark.parametrize(
    ("metric", "symbol", "value", "canonical"),
    [
        ("temperature", "K", 300, 26.85), ("temperature", "Cel", 26.85, 26.85), ("pressure", "Pa", 101_325, 1013.25),
        ("humidity", "%RH", 54, 0.54), ("humidity", "/", 0.54, 0.54),
        ("occupancy", "%", 0.35, 0.35),  # the ratio, whatever it looks like
        ("occupancy", "/100", 35, 0.35), ("noise", "dB", 67, 67), ("noise", "Bspl", 6.7, 67), ("speed", "m/s", 10, 36),
        ("wind_speed", "m/s", 10, 10), ("rain", "m", 0.001, 1), ("rain", "mm", 1, 1), ("water_level", "cm", 27, 0.27),
        ("flow", "1/s", 0.5, 1800), ("flow", "1/min", 30, 1800), ("pm25", "kg/m3", 35e-9, 35),
        ("co", "ug/m3", 2200, 2.2),
        ("wind_direction", "rad", 3.141592653589793, 180), ("o3", "ppm", 0.07, 137.36), ("no2", "/", 1e-7, 188.1),
    ],
)  # fmt: skip
def test_units_of_its_registry(metric: str, symbol: str, value: float, canonical: float) -> None:
    unit = senml_units(metric)[symbol]
    assert value * unit.scale + unit.shift == pytest.approx(canonical, rel=1e-3)


def test_every_metric_has_a_unit_of_senml() -> None:
    assert all(senml_units(metric) for metric in METRICS)
    assert "%RH" not in senml_units("occupancy")


# -- CBOR

numbers = st.integers(-(1 << 64), (1 << 64) - 1) | st.floats(allow_nan=False)
values = st.recursive(
    numbers | st.booleans() | st.none() | st.text(max_size=30) | st.binary(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(-9, 300) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(values)
def test_what_cbor2_writes_we_read(value: object) -> None:
    assert cbor.parse(cbor2.dumps(value)) == value
    assert cbor.parse(cbor2.dumps(value, canonical=True)) == value


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_what_we_read_cbor2_reads_the_same(payload: bytes) -> None:
    try:
        ours = cbor.parse(payload)
    except RefusedError:
        return
    theirs = cbor2.loads(payload)
    if payload and payload[0] >> 5 != 6:  # decimal fractions are Decimals there
        assert repr(ours) == repr(theirs) or "Decimal" in repr(theirs)


def test_streams_and_decimal_fractions() -> None:
    assert cbor.parse(bytes.fromhex("9f0102ff")) == [1, 2]
    assert cbor.parse(bytes.fromhex("c48221196ab3")) == 273.15
    assert cbor.parse(bytes.fromhex("d9d9f783010203")) == [1, 2, 3]
    assert cbor.parse(b64decode("+TwA")) == 1.0


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("", Code.empty), ("ff", Code.not_cbor), ("81ff", Code.not_cbor), ("0000", Code.not_cbor),
        ("9f", Code.not_cbor),
        ("7f6161ff", Code.not_cbor), ("bf0102ff", Code.not_cbor), ("1c", Code.not_cbor), ("f7", Code.not_cbor),
        ("c11a514b67b0", Code.not_cbor), ("c2420100", Code.not_cbor), ("9bffffffffffffffff", Code.not_cbor),
        ("bbffffffffffffffff", Code.not_cbor), ("5bffffffffffffffff", Code.not_cbor), ("a18001", Code.not_cbor),
        ("a201010102", Code.duplicate_key), ("61ff", Code.bad_text), ("81" * 40 + "01", Code.too_deep),
        ("c4821b00000000ffffffff01", Code.not_cbor), ("c401", Code.not_cbor),
    ],
)  # fmt: skip
def test_cbor_that_is_refused(payload: str, code: Code) -> None:
    with pytest.raises(RefusedError) as caught:
        cbor.parse(bytes.fromhex(payload))
    assert caught.value.code == code


def test_too_many_bytes() -> None:
    with pytest.raises(RefusedError) as caught:
        cbor.parse(b"\x80" * 65_537)
    assert caught.value.code == Code.too_large


def test_the_example_of_the_docs() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "devices.md").read_text()
    example = page.partition("```senml\n")[2].partition("```")[0]
    contract = city("air-north-01", channels={name: channel(name, "mg/m3") for name in ("pm25", "pm10")})
    assert [one.value for one in ask(contract, example, "city/north/air/air-north-01").readings] == [61.0, 88.5]
