"""Whatever the bytes: nothing is raised, and the short way agrees with the long one."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import careful, fast
from ingest.contract import Contract
from ingest.device import Device, Gateway
from ingest.routes import Routes
from rules.identity import refusal_id
from tests.support.ingest_city import EARLIEST, LATEST, NOW, small_city

CITY = small_city()
CONTRACT, ROUTES = Contract(CITY), Routes(CITY)
TOPICS = [b"city/north/air/air-1", b"city/north/air/air-2", b"city/south/air/air-3", b"city/north/gateway/gw-1"]

# Texts of JSON that are often nearly right: keys that repeat, escapes, numbers of every kind, fields that nobody knows.
KEYS = st.sampled_from(['"ts"', '"values"', '"seq"', '"sensor"', '"fw"', '"units"', '"t\\u0073"', '"val"ues"'])
METRICS = st.sampled_from(['"pm25"', '"no2"', '"o3"', '"pm\\u00325"', '"none"', '"a\\"b"', '":"'])
NUMBERS = st.sampled_from(
    ["1", "61.0", "-0.0", "1e400", "1e2", "NaN", "9" * 320, "true", '"1"', "null", "2001", "[]", "{}", "0.1", '"\\""']
)
TIMES = st.sampled_from(
    [str(NOW), str(NOW // 1000), f"{NOW}.5", '"2026-09-21T14:13:20Z"', '"2026-09-21T14:13:20"', "0", "true", "9" * 400]
)
SENSORS = st.sampled_from(['"air-1"', '"air-2"', '"near-1"', '"near-2"', '"other"', "null", '"a\\u0069r-2"'])


def body(pairs: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"


VALUES = st.lists(st.tuples(METRICS, NUMBERS), max_size=4).map(body)
GOOD_VALUES = st.lists(st.tuples(st.sampled_from(['"pm25"', '"no2"']), st.just("1.5")), min_size=1, max_size=3).map(
    body
)
FIELD = st.one_of(
    st.tuples(st.just('"ts"'), TIMES),
    st.tuples(st.just('"values"'), VALUES | GOOD_VALUES),
    st.tuples(st.just('"sensor"'), SENSORS),
    st.tuples(st.just('"seq"'), NUMBERS),
    st.tuples(KEYS, NUMBERS | VALUES),
)
SOUND = st.tuples(TIMES, GOOD_VALUES, st.none() | SENSORS, st.lists(FIELD, max_size=1)).map(
    lambda given: body(
        [('"ts"', given[0]), ('"values"', given[1]), *([('"sensor"', given[2])] if given[2] else []), *given[3]]
    )
)
OBJECTS = SOUND | st.lists(FIELD, max_size=5).map(body)
TEXTS = OBJECTS | st.lists(OBJECTS, max_size=3).map(lambda items: f"[{', '.join(items)}]")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TOPICS), TEXTS)
def test_the_short_way_reads_what_the_long_way_reads(topic: bytes, text: str) -> None:
    route = ROUTES.find(topic)
    assert isinstance(route, Device | Gateway)
    quick = fast.read(route, ROUTES.devices, text.encode(), EARLIEST, LATEST)
    slow = careful.read(route, ROUTES.devices, text.encode(), EARLIEST, LATEST)
    assert slow.readings or slow.refusals
    if quick is not None:
        assert (list(slow.readings), list(slow.refusals)) == (quick, [])
    elif not slow.refusals:  # then only what the short way leaves to the long one
        known = {"ts", "values", "seq", "sensor"}
        items = json.loads(text)
        items = items if isinstance(items, list) else [items]
        assert "\\" in text or any(set(item) - known for item in items)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=120))
def test_any_bytes_at_all(topic: bytes, payload: bytes) -> None:
    for where in (topic, b"city/" + topic, TOPICS[1], TOPICS[3]):
        outcome = CONTRACT.read(where, payload, EARLIEST, LATEST)
        assert outcome.readings or outcome.refusals


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TOPICS), TEXTS, st.data())
def test_a_damaged_message_never_raises(topic: bytes, text: str, data: st.DataObject) -> None:
    payload = bytearray(text.encode())
    for _ in range(3):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    outcome = CONTRACT.read(topic, bytes(payload), EARLIEST, LATEST)
    assert outcome.readings or outcome.refusals


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TOPICS), TEXTS)
def test_refusals_of_one_message_have_names_of_their_own(topic: bytes, text: str) -> None:
    first = CONTRACT.read(topic, text.encode(), EARLIEST, LATEST).refusals
    again = CONTRACT.read(topic, text.encode(), EARLIEST, LATEST).refusals
    names = [refusal_id(topic, text.encode(), refusal.index) for refusal in first]
    assert len(set(names)) == len(names)
    assert list(first) == list(again)
