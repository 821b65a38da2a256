"""Every way in which a message can be wrong, and the one code that says so (docs/devices.md)."""

import json

import pytest

from ingest.contract import Contract
from ingest.jsontext import DEEPEST, LONGEST
from rules.refusal import SENTENCES, Code
from tests.support.ingest_city import EARLIEST, LATEST, NOW, small_city

AIR_1, AIR_2, AIR_3 = b"city/north/air/air-1", b"city/north/air/air-2", b"city/south/air/air-3"
GATEWAY = b"city/north/gateway/gw-1"
GOOD = b'{"ts":%d,"values":{"pm25":61.0}}' % NOW


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(small_city())


def refused(contract: Contract, topic: bytes, payload: bytes) -> list[tuple[str, int]]:
    outcome = contract.read(topic, payload, EARLIEST, LATEST)
    assert all(len(refusal.detail) < 400 and refusal.detail.isascii() for refusal in outcome.refusals)
    return [(refusal.code.value, refusal.index) for refusal in outcome.refusals]


def with_value(text: str) -> bytes:
    return b'{"ts":%d,"values":{"pm25":%s}}' % (NOW, text.encode())


def with_time(text: str) -> bytes:
    return b'{"ts":%s,"values":{"pm25":61.0}}' % text.encode()


WHOLE = [
    ("empty", b""),
    ("empty", b"[]"),
    ("empty", b'{"ts":%d,"values":{}}' % NOW),
    ("too_large", b" " * (LONGEST + 1 - len(GOOD)) + GOOD),
    ("too_large", b"x" * 10_485_760),
    ("too_large", b"[" + b",".join([b"1"] * 1001) + b"]"),
    ("too_deep", b"[" * 30_000),
    ("too_deep", b'{"ts":%d,"values":{"pm25":1},"fw":%s}' % (NOW, b"[" * DEEPEST + b"]" * DEEPEST)),
    ("bad_text", b"\xef\xbb\xbf" + GOOD),
    ("bad_text", GOOD.decode().encode("utf-16")),
    ("bad_text", GOOD.replace(b"pm25", b"pm\xff5")),
    ("bad_text", GOOD.replace(b"pm25", b"pm\xed\xa0\x80")),
    ("bad_text", GOOD.replace(b"pm25", b"pm\\ud800")),
    ("bad_text", b'{"ts":%d,"values":{"pm25":1},"fw":"\\uDFFF"}' % NOW),
    ("not_json", GOOD[:-1]),
    ("not_json", GOOD + b"x"),
    ("not_json", GOOD + b"\x00"),
    ("not_json", GOOD.decode().encode("utf-16-le")),
    ("not_json", b"pm25=61"),
    ("not_json", GOOD.replace(b"pm25", b"pm\n25")),
    ("not_json", GOOD.replace(b"pm25", b"pm\x0025")),
    ("not_json", b"'" + GOOD + b"'"),
    ("not_json", with_value("0x3d")),
    ("not_json", with_value("1.")),
    ("not_json", with_value("01")),
    ("not_finite", with_value("NaN")),
    ("not_finite", with_value("Infinity")),
    ("not_finite", with_value("-Infinity")),
    ("duplicate_key", b'{"ts":%d,"values":{"pm25":1,"pm25":2}}' % NOW),
    ("duplicate_key", b'{"ts":%d,"values":{"pm25":1,"pm\\u00325":2}}' % NOW),
    ("duplicate_key", b'{"ts":1,"ts":%d,"values":{"pm25":1}}' % NOW),
    ("duplicate_key", b'{"ts":%d,"values":{"pm25":1},"values":{"pm25":1}}' % NOW),
    ("duplicate_key", b'{"ts":%d,"values":{"pm25":1},"seq":1,"seq":1}' % NOW),
    ("duplicate_key", b'{"ts":%d,"values":{"pm25":1},"fw":{"a":1,"a":2}}' % NOW),
    ("wrong_shape", b'"pm25"'),
    ("wrong_shape", b"61"),
    ("wrong_shape", b"null"),
    ("wrong_shape", b"true"),
    ("wrong_shape", b'{"ts":%d,"values":61}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":[61]}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":null}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":{"pm25":1},"seq":"1"}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":{"pm25":1},"seq":true}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":{"pm25":1},"seq":-1}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":{"pm25":1},"seq":9223372036854775808}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":{"pm25":1},"sensor":null}' % NOW),
    ("wrong_shape", b'{"ts":%d,"values":{"pm25":1},"units":"ppb"}' % NOW),
    ("missing_field", b'{"values":{"pm25":1}}'),
    ("missing_field", b'{"ts":%d}' % NOW),
    ("missing_field", b"{}"),
    ("topic_mismatch", b'{"ts":%d,"values":{"pm25":1},"sensor":"air-1"}' % NOW),
    ("topic_mismatch", '{"ts":%d,"values":{"pm25":1},"sensor":"аir-2"}'.encode() % NOW),  # a Cyrillic а
    ("topic_mismatch", b'{"ts":%d,"values":{"pm25":1},"sensor":"air-2\\r\\n"}' % NOW),
]


@pytest.mark.parametrize(("code", "payload"), WHOLE, ids=lambda given: repr(given)[:60])
def test_a_message_that_is_refused_whole(contract: Contract, code: str, payload: bytes) -> None:
    assert refused(contract, AIR_2, payload) == [(code, -1)]


VALUES = [
    ("not_a_number", '"61.0"'),
    ("not_a_number", "true"),
    ("not_a_number", "null"),
    ("not_a_number", "[61.0]"),
    ("not_a_number", '{"v":61.0}'),
    ("not_finite", "1e400"),
    ("not_finite", "-1e400"),
    ("not_finite", "9" * 309),
    ("not_finite", "9" * 5000),
    ("not_finite", "-" + "9" * 5000),
    ("out_of_range", "-0.001"),
    ("out_of_range", "99999"),
    ("out_of_range", "2000.0001"),
    ("out_of_range", "9" * 30),
]


@pytest.mark.parametrize(("code", "value"), VALUES, ids=lambda given: given[:20])
def test_a_value_that_is_refused(contract: Contract, code: str, value: str) -> None:
    assert refused(contract, AIR_2, with_value(value)) == [(code, 0)]


def test_the_value_of_an_unknown_metric_is_refused(contract: Contract) -> None:
    for name in (b"pm100", b"PM25", b"__proto__", b"__class__", "pm²5".encode(), b""):
        assert refused(contract, AIR_2, GOOD.replace(b"pm25", name)) == [("unknown_metric", 0)]


def test_a_value_in_a_unit_that_the_registry_does_not_declare_is_refused(contract: Contract) -> None:
    payload = b'{"ts":%d,"values":{"no2":1,"pm25":2},"units":{"no2":"ppb","pm25":"ug/m3"}}' % NOW
    outcome = contract.read(AIR_2, payload, EARLIEST, LATEST)
    assert [(refusal.code, refusal.index) for refusal in outcome.refusals] == [(Code.unit_unknown, 0)]
    assert [(reading.metric, reading.value) for reading in outcome.readings] == [("pm25", 2.0)]


def test_humidity_in_the_wrong_unit_is_not_believed(contract: Contract) -> None:
    payload = b'{"ts":%d,"values":{"humidity":%d}}'
    assert refused(contract, b"city/north/weather/weather-1", payload % (NOW, 54)) == []
    assert refused(contract, b"city/north/weather/weather-1", payload % (NOW, 5400)) == [("out_of_range", 0)]


TIMES = [
    (AIR_2, "bad_time", "true"),
    (AIR_2, "bad_time", '"2026-09-21T14:13:20Z"'),
    (AIR_2, "bad_time", "1e400"),
    (AIR_2, "bad_time", "9" * 400),
    (AIR_2, "bad_time", f"{NOW}000000"),  # nanoseconds, microseconds, seconds
    (AIR_2, "bad_time", f"{NOW}000"),
    (AIR_2, "too_old", str(NOW // 1000)),
    (AIR_2, "too_old", "-1"),
    (AIR_2, "too_far_ahead", str(LATEST + 1)),
    (AIR_2, "too_old", str(EARLIEST - 1)),
    (AIR_3, "bad_time", str(NOW)),
    (AIR_3, "bad_time", f'"{NOW // 1000}"'),
    (AIR_1, "bad_time", str(NOW)),
    (AIR_1, "bad_time", '"2026-09-21T14:13:20"'),
    (AIR_1, "bad_time", '"2026-09-21T14:13:20+24:00"'),
    (AIR_1, "bad_time", '"2026-09-21T14:13:20+05:60"'),
    (AIR_1, "bad_time", '"2026-09-21T14:13:60Z"'),
    (AIR_1, "bad_time", '"2026-09-21T24:00:00Z"'),
    (AIR_1, "bad_time", '"2026-02-30T14:13:20Z"'),
    (AIR_1, "bad_time", '"0000-01-01T00:00:00Z"'),
    (AIR_1, "too_old", '"0001-01-01T00:00:00+23:59"'),
    (AIR_1, "too_old", '"0001-01-01T00:00:00Z"'),
    (AIR_1, "too_far_ahead", '"9999-12-31T23:59:59Z"'),
    (AIR_1, "bad_time", '"20260921T141320Z"'),
    (AIR_1, "bad_time", '"2026-W39-1T14:13:20Z"'),
    (AIR_1, "bad_time", '"2026-09-21 14:13:20Z"'),
    (AIR_1, "bad_time", '"2026-09-21T14:13:20Z "'),
    (AIR_1, "bad_time", '"２０26-09-21T14:13:20Z"'),
    (AIR_1, "bad_time", '""'),
    (AIR_1, "bad_time", "null"),
]


@pytest.mark.parametrize(("topic", "code", "ts"), TIMES, ids=lambda given: repr(given)[:40])
def test_a_time_that_is_refused(contract: Contract, topic: bytes, code: str, ts: str) -> None:
    assert refused(contract, topic, with_time(ts)) == [(code, -1)]


TOPICS = [
    ("bad_topic", b"city/north/air"),
    ("bad_topic", b"city/north/air/air-2/x"),
    ("bad_topic", b"/city/north/air/air-2"),
    ("bad_topic", b"city/north/air/air-2/"),
    ("bad_topic", b"city//air/air-2"),
    ("bad_topic", b"city/north/air/"),
    ("bad_topic", b"town/north/air/air-2"),
    ("bad_topic", b"$SYS/broker/load/x"),
    ("bad_topic", b"city/+/air/air-2"),
    ("bad_topic", b"city/north/air/#"),
    ("bad_topic", b"city/north/air/.."),
    ("bad_topic", b"city/no\x00rth/air/air-2"),
    ("bad_topic", b"city/north/air/air-2\r\n"),
    ("bad_topic", b"city/north/air/\xff\xfe"),
    ("bad_topic", "city/north/air/\u202eair-2".encode()),
    ("bad_topic", "city/no\u200brth/air/air-2".encode()),
    ("bad_topic", "city/north/air/аir-2".encode()),
    ("bad_topic", b""),
    ("bad_topic", b"city" + b"/a" * 300),
    ("bad_topic", b"city/north/air/" + b"a" * 65_520),
    ("unknown_sensor", b"city/north/air/air-9"),
    ("unknown_sensor", b"city/north/gateway/gw-9"),
    ("topic_mismatch", b"city/south/air/air-2"),
    ("topic_mismatch", b"city/north/noise/air-2"),
    ("topic_mismatch", b"city/south/gateway/gw-1"),
]


@pytest.mark.parametrize(("code", "topic"), TOPICS, ids=lambda given: repr(given)[:60])
def test_a_topic_that_is_refused(contract: Contract, code: str, topic: bytes) -> None:
    for _ in "ab":  # the second time from memory
        assert refused(contract, topic, GOOD) == [(code, -1)]


def test_a_topic_given_as_text_is_the_same(contract: Contract) -> None:
    assert contract.read(AIR_2.decode(), GOOD, EARLIEST, LATEST) == contract.read(AIR_2, GOOD, EARLIEST, LATEST)
    assert contract.read("city/\ud800/air/air-2", GOOD, EARLIEST, LATEST).refusals[0].code == Code.bad_topic


def test_a_gateway_speaks_only_for_its_own(contract: Contract) -> None:
    def one(**changes: object) -> dict[str, object]:
        return {"ts": NOW, "values": {"pm25": 1, "no2": 2}, "sensor": "near-1"} | changes

    nobody = {key: value for key, value in one().items() if key != "sensor"}
    items = [one(), nobody, one(sensor="air-9"), one(sensor="air-2"), one(sensor="other"), one(sensor=7), 5, one()]
    outcome = contract.read(GATEWAY, json.dumps(items).encode(), EARLIEST, LATEST)
    assert [reading.sensor for reading in outcome.readings] == ["near-1"] * 4
    assert [(refusal.code.value, refusal.index) for refusal in outcome.refusals] == [
        ("missing_field", 2),
        ("unknown_sensor", 3),
        ("gateway_mismatch", 4),
        ("gateway_mismatch", 5),
        ("wrong_shape", 6),
        ("wrong_shape", 7),
    ]


def test_every_code_of_the_list_has_a_sentence_and_a_case() -> None:
    assert set(SENTENCES) == set(Code)
    tried = {code for code, *_ in WHOLE + VALUES + TOPICS} | {code for _, code, _ in TIMES}
    elsewhere = {"unknown_metric", "unit_unknown", "gateway_mismatch"}
    elsewhere |= {"not_cbor"}  # tests/ingest/test_senml.py
    elsewhere |= {"bad_frame", "store_rejected"}  # found later, by the record
    assert tried | elsewhere == {code.value for code in Code}
