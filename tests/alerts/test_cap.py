"""CAP 1.2: what we write is what the standard says, what strangers write is read or refused, never believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.cap import (
    Area,
    CapError,
    Circle,
    Info,
    Message,
    Point,
    Reference,
    Resource,
    Words,
    bilingual,
    cancel,
    faults,
    polygon,
    read,
    update,
    write,
)
from alerts.cap.instant import instant_of, instant_text
from rules.indices.warning import Colour, cap_terms
from tests.support.cap_schema import NS, conforms

SHANGHAI = timezone(timedelta(hours=8))
SENT = datetime(2026, 3, 1, 16, 49, 0, 999_000, tzinfo=SHANGHAI)
SQUARE = ((116.3, 39.9), (116.5, 39.9), (116.5, 40.0), (116.3, 40.0))

TERMS = cap_terms(Colour.orange, observed=True)
COMMON = Info(
    categories=("Env", "Health"),
    event="smog",
    responses=("Monitor", "Avoid"),
    urgency=TERMS.urgency,
    severity=TERMS.severity,
    certainty=TERMS.certainty,
    audience="everyone",
    codes=(("HJ633", "AQI"),),
    effective=SENT,
    onset=SENT,
    expires=SENT + timedelta(hours=24),
    web="https://city.example/air",
    contact="12345",
    parameters=(("aqi", "210"),),
    resources=(Resource(description="map", mime_type="image/png", size=12, uri="https://city.example/map.png"),),
    areas=(
        Area(
            description="Dongcheng",
            polygons=(polygon(SQUARE),),
            circles=(Circle(Point(39.93, 116.42), 3.5),),
            geocodes=(("GB/T 2260", "110101"),),
            altitude=0,
            ceiling=1000,
        ),
    ),
)
WORDS = {
    "zh-CN": Words("重污染", "重污染橙色预警", "空气质量指数 210", "减少户外活动", "生态环境局", "东城区"),
    "en-GB": Words("heavy pollution", "Orange warning: heavy pollution", "AQI 210 & rising", "Stay indoors"),
}
FIRST = Message(
    identifier="smog-1",
    sender="alerts@city.example",
    sent=SENT,
    source="urbanpulse",
    codes=("local",),
    incidents=("smog of March",),
    infos=bilingual(WORDS, COMMON),
)

OPEN = (Point(1, 1), Point(1, 2), Point(2, 2), Point(3, 3))


def text(data: bytes, path: str) -> str:
    found = ElementTree.fromstring(data).find("/".join(NS + step for step in path.split("/")))
    assert found is not None
    return found.text or ""


def test_a_first_message() -> None:
    data = write(FIRST)
    conforms(data)
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert text(data, "sent") == "2026-03-01T16:49:00+08:00"
    assert text(data, "info/area/polygon") == "39.9,116.3 39.9,116.5 40,116.5 40,116.3 39.9,116.3"
    assert text(data, "info/area/circle") == "39.93,116.42 3.5"
    assert text(data, "incidents") == '"smog of March"'
    assert read(data) == replace(
        FIRST,
        sent=SENT.replace(microsecond=0),
        infos=tuple(
            replace(info, effective=SENT.replace(microsecond=0), onset=SENT.replace(microsecond=0),
                    expires=SENT.replace(microsecond=0) + timedelta(hours=24))
            for info in FIRST.infos
        ),
    )  # fmt: skip


def test_two_languages_say_the_same_of_how_grave_it_is() -> None:
    chinese, english = read(write(FIRST)).infos
    assert (chinese.language, chinese.event, chinese.areas[0].description) == ("zh-CN", "重污染", "东城区")
    assert (english.language, english.headline) == ("en-GB", "Orange warning: heavy pollution")
    assert english.areas[0].description == "Dongcheng"
    for one in (chinese, english):
        assert (one.urgency, one.severity, one.certainty) == ("Immediate", "Severe", "Observed")
    assert chinese.areas[0].polygons == english.areas[0].polygons


def test_utc_has_no_letter() -> None:
    data = write(replace(FIRST, sent=SENT.astimezone(UTC)))
    assert text(data, "sent") == "2026-03-01T08:49:00-00:00"
    assert b"Z</" not in data


def test_an_update_names_all_that_it_takes_the_place_of() -> None:
    second = update(FIRST, "smog-2", SENT + timedelta(hours=1), FIRST.infos)
    third = update(second, "smog-3", SENT + timedelta(hours=2), FIRST.infos, "worse")
    data = write(third)
    conforms(data)
    assert text(data, "msgType") == "Update"
    assert text(data, "references") == (
        "alerts@city.example,smog-1,2026-03-01T16:49:00+08:00 alerts@city.example,smog-2,2026-03-01T17:49:00+08:00"
    )
    assert [one.sent for one in read(data).references] == [text(write(FIRST), "sent"), text(write(second), "sent")]


def test_a_cancellation_has_a_reason_and_says_that_it_is_over() -> None:
    last = cancel(FIRST, "smog-2", SENT + timedelta(hours=3), "the sensor was broken")
    data = write(last)
    conforms(data)
    assert (text(data, "msgType"), text(data, "note")) == ("Cancel", "the sensor was broken")
    assert text(data, "references").count("smog-1") == 1
    assert {info.urgency for info in read(data).infos} == {"Past"}
    assert {info.responses for info in read(data).infos} == {("AllClear",)}
    with pytest.raises(ValueError, match="for a reason"):
        cancel(FIRST, "smog-2", SENT, " ")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identifier": ""}, "identifier"),
        ({"identifier": "a b"}, "identifier"),
        ({"sender": "a,b"}, "sender"),
        ({"sender": "a<b"}, "sender"),
        ({"sender": "a\x00b"}, "sender"),
        ({"sent": datetime(2026, 3, 1)}, "sent"),  # noqa: DTZ001
        ({"sent": datetime(2026, 3, 1, tzinfo=timezone(timedelta(seconds=30)))}, "sent"),
        ({"status": "actual"}, "status"),
        ({"type": "Alarm"}, "msgType"),
        ({"type": "Update"}, "references"),
        ({"type": "Cancel"}, "references"),
        ({"scope": "All"}, "scope"),
        ({"scope": "Restricted"}, "restriction"),
        ({"restriction": "police"}, "restriction"),
        ({"scope": "Private"}, "addresses"),
        ({"references": (Reference("a b", "c", "d"),)}, "references"),
    ],
)
def test_what_may_not_be_sent(changes: dict[str, object], reason: str) -> None:
    message = replace(FIRST, **changes)  # type: ignore[arg-type]
    assert any(one.startswith(reason) for one in faults(message))
    with pytest.raises(CapError):
        write(message)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"language": "english please"}, "language"),
        ({"categories": ()}, "category"),
        ({"categories": ("Smog",)}, "category"),
        ({"event": " "}, "event"),
        ({"responses": ("NoResponse",)}, "responseType"),
        ({"urgency": "Now"}, "urgency"),
        ({"severity": "High"}, "severity"),
        ({"certainty": "Very Likely"}, "certainty"),
        ({"onset": datetime(2026, 3, 1)}, "onset"),  # noqa: DTZ001
        ({"resources": (Resource(description="", mime_type="x/y"),)}, "resource"),
        ({"areas": (Area(description=""),)}, "area[0].areaDesc"),
        ({"areas": (Area(description="x", polygons=((Point(1, 1), Point(1, 2), Point(2, 2)),)),)}, "area[0].polygon"),
        ({"areas": (Area(description="x", polygons=(OPEN,)),)}, "area[0].polygon"),
        ({"areas": (Area(description="x", polygons=((Point(116, 39),) * 4,)),)}, "area[0].polygon"),  # lon, lat
        ({"areas": (Area(description="x", circles=(Circle(Point(1, 1), -1),)),)}, "area[0].circle"),
        ({"areas": (Area(description="x", ceiling=1),)}, "area[0].ceiling"),
    ],
)  # fmt: skip
def test_what_no_info_may_be(changes: dict[str, object], reason: str) -> None:
    message = replace(FIRST, infos=(replace(COMMON, **changes),))  # type: ignore[arg-type]
    assert any(one.startswith(f"info[0].{reason}") for one in faults(message)), faults(message)


def test_a_response_of_none_is_a_word_of_the_list() -> None:
    assert not faults(replace(FIRST, infos=(replace(COMMON, responses=("None",)),)))


def test_restricted_and_private() -> None:
    closed = replace(FIRST, scope="Restricted", restriction="police only")
    assert read(write(closed)).restriction == "police only"
    private = replace(FIRST, scope="Private", addresses=("fire station 3", "a@b.example"))
    assert text(write(private), "addresses") == '"fire station 3" a@b.example'
    assert read(write(private)).addresses == private.addresses


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_can_break_a_message(told: str) -> None:
    data = write(replace(FIRST, note=told, infos=(replace(COMMON, headline=told, parameters=((told, told),)),)))
    conforms(data)
    assert read(data).infos[0].severity == "Severe"


@pytest.mark.parametrize(
    "told", ["]]>", "<script>&amp;", "</headline><severity>Minor</severity>", "\x00\x1b[31m", "\ufffe"]
)
def test_text_stays_text(told: str) -> None:
    found = read(write(replace(FIRST, infos=(replace(COMMON, headline=told),)))).infos[0]
    assert found.severity == "Severe"
    assert found.headline == "".join(one if one >= " " and one != "\ufffe" else "\ufffd" for one in told)


def altered(before: str, after: str) -> bytes:
    data = write(FIRST).decode()
    assert before in data
    return data.replace(before, after, 1).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no XML"),
        (b"{}", "no XML"),
        (b"<alert/>", "not an alert"),
        (b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>', "not an alert"),
        (b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>', "0 times identifier"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><alert>&x;</alert>', "no XML"),
        (b'<!DOCTYPE alert SYSTEM "http://x.example/x.dtd"><alert/>', "no XML"),
        (b'<?xml version="1.0" encoding="klingon"?><alert/>', "no XML"),
        (b"<a>" * 400_000, "bytes"),
        (altered("<status>", "<sent>2026-03-01T16:49:00+08:00</sent><status>"), "2 times sent"),
        (altered("+08:00</sent>", "Z</sent>"), "alert.sent"),
        (altered("2026-03-01T16:49:00+08:00</sent>", "</sent>"), "alert.sent: empty"),
        (altered("03-01T16:49:00+08:00</sent>", "02-30T16:49:00+08:00</sent>"), "alert.sent"),
        (altered("<scope>Public</scope><code>local</code>", "<code>local</code><scope>Public</scope>"), "too late"),
        (altered("<status>", "<colour>red</colour><status>"), "no element 'colour'"),
        (altered("<status>Actual", "<status><b/>Actual"), "a text was expected"),
        (altered("39.9,116.3 ", "116.3,39.9 "), "polygon"),
        (altered("39.9,116.3 ", "north,116.3 "), "no number"),
        (altered(">0</altitude>", ">nan</altitude>"), "no number"),
        (altered("39.93,116.42 3.5", "39.93,116.42"), "no number"),
        (altered("<value>AQI</value>", ""), "0 times value"),
        (altered("Severe", "Very bad"), "severity"),
        (altered("<incidents>", "<references>a,b</references><incidents>"), "references"),
    ],
)  # fmt: skip
def test_what_is_no_cap(data: bytes, reason: str) -> None:
    with pytest.raises(CapError, match=r".") as caught:
        read(data)
    assert reason in str(caught.value)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(CapError):
        read(data)


def test_a_signature_is_skipped() -> None:
    signed = altered("</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><x/></Signature></alert>')
    assert read(signed).identifier == "smog-1"


def test_the_default_language() -> None:
    assert read(altered("<language>zh-CN</language>", "")).infos[0].language == "en-US"


def test_a_ring_that_is_closed_stays_as_it_is() -> None:
    assert len(polygon([*SQUARE, SQUARE[0]])) == len(polygon(SQUARE)) == 5
    assert polygon([]) == ()


@settings(deadline=None)
@given(st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_times_survive(naive: datetime, minutes: int) -> None:
    at = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert instant_of(instant_text(at)) == at
