"""The CAP channel: a whole life in messages over real HTTP, read by strangers' code and by our strict reader."""

import asyncio
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from alerts.cap import Message, Point, faults, read, write
from alerts.cap.matter import Profile, message_of
from alerts.cap.words import chinese, event, words
from alerts.channels import cap as channel_of_cap
from alerts.channels.port import Surroundings
from alerts.delivery import Dispatcher
from alerts.departments import Department, parse_departments
from alerts.desk import Desk
from alerts.endpoint import Policy
from alerts.outbox import Outbox, Outcome
from alerts.places import Places
from alerts.tables import OutboxRow
from rules.derived.names import UNITS
from rules.finding import AreaFacts, Change, Course, Finding
from rules.geography import Shape
from rules.secret import Secret
from rules.sensor import Sensor
from simulators.cap_reading import cap_fault
from simulators.department import DepartmentSettings, run_department
from tests.support.alert_findings import ENVIRON, HERE, ONSET, SECRET, finding
from tests.support.cap_schema import conforms

SQUARE = Shape("north", ((((13.7, 51.0), (13.8, 51.0), (13.8, 51.1), (13.7, 51.1), (13.7, 51.0)),),))
SENSOR = Sensor("air-1", "air", "environment", "north", 51.05, 13.75)
MAP = Places({"air-1": SENSOR}, {"north": SQUARE})
CHANNEL = """departments:
  environment:
    channels:
      - kind: cap
        url: {url}
        secret: {{env: SECRET}}
        sender: alerts@city.example
        scope: Public
        status: Exercise
        languages: [zh-CN, en]
        sender_name: Environment office
"""


def departments(url: str, more: str = "") -> dict[str, Department]:
    found, wrong = parse_departments(CHANNEL.format(url=url) + more, "departments.yaml")
    assert not wrong, wrong
    return found


def bodies(desk: Desk) -> list[Message]:
    """What the endpoint is owed, oldest first."""
    claimed = Outbox(desk.database, "test")
    found = []
    while claims := claimed.claim(10**15, {"environment/cap": 1}):
        conforms(claims[0].message.body)
        found.append(read(claims[0].message.body))
        claimed.settle([Outcome(claims[0], 10**15)])
    return found


def of_a_life(tmp_path: Path, *findings: Finding, places: Places = MAP) -> list[Message]:
    moments = iter(range(1_767_225_700_000, 1_767_225_900_000, 1000))
    desk = Desk(
        f"sqlite:///{tmp_path}/a.db", departments("http://127.0.0.1:9/"), places=places, clock=lambda: next(moments)
    )
    for each in findings:
        desk.take([each])
    try:
        return bodies(desk)
    finally:
        desk.close()


LIFE = (
    finding(1),
    finding(2, "changed", "orange", "red"),
    finding(3, "undecided", "orange", "orange", value=None, text="Cannot decide about pm25: it is late"),
    finding(4, "cleared", was="orange", text="Cleared: fine particles at air-1"),
)


def test_a_life_is_an_alert_updates_and_a_cancel(tmp_path: Path) -> None:
    first, second, third, last = of_a_life(tmp_path, *LIFE)
    assert [each.type for each in (first, second, third, last)] == ["Alert", "Update", "Update", "Cancel"]
    names = [each.identifier for each in (first, second, third, last)]
    assert [name.partition("-")[2] for name in names] == ["1-cap", "2-cap", "3-cap", "4-cap"]
    assert len({name.partition("-")[0] for name in names}) == 1
    assert [[one.identifier for one in each.references] for each in (first, second, third, last)] == [
        [], names[:1], names[:2], names[:3]
    ]  # fmt: skip
    assert last.references[0].sent == "2026-01-01T00:01:40-00:00"
    assert {(each.status, each.scope, each.sender) for each in (first, last)} == {
        ("Exercise", "Public", "alerts@city.example")
    }
    assert [each.infos[0].severity for each in (first, second, third, last)] == [
        "Extreme",
        "Severe",
        "Severe",
        "Severe",
    ]
    assert [each.infos[0].urgency for each in (first, third, last)] == ["Immediate", "Unknown", "Past"]
    assert third.infos[0].certainty == "Unknown" and "cannot be decided" in third.note
    assert (last.infos[1].responses, last.note) == (("AllClear",), "cleared as of 2026-01-01T00:03:00.000Z")


COURSE = Course(ONSET, ((ONSET, "red"),))


@pytest.mark.parametrize(
    ("severity", "change", "kind", "headline"),
    [
        ("yellow", "amended", "Update", "Yellow, put right: fine particles at air-1"),
        ("", "amended", "Cancel", "Red, put right: fine particles at air-1"),
        ("", "withdrawn", "Cancel", "Red, withdrawn, it never was: fine particles at air-1"),
    ],
)
def test_what_late_readings_put_right_is_an_update_and_what_they_take_back_a_cancel(
    tmp_path: Path, severity: str, change: Change, kind: str, headline: str
) -> None:
    after = None if change == "withdrawn" else COURSE
    told = structs.replace(finding(2, change, severity, "red", text="As it was"), before=COURSE, after=after)
    first, second = of_a_life(tmp_path, finding(1), told)
    assert (second.type, second.note) == (kind, "As it was")
    assert [each.identifier for each in second.references] == [first.identifier]
    assert second.infos[1].headline == headline
    assert (second.infos[1].urgency == "Past") == (kind == "Cancel")


def test_an_end_that_is_put_right_is_about_the_messages_before_it(tmp_path: Path) -> None:
    told = structs.replace(finding(3, "withdrawn", "", "red", text="It never was"), before=COURSE)
    *earlier, last = of_a_life(tmp_path, finding(1), finding(2, "cleared", was="red"), told)
    assert [each.type for each in (*earlier, last)] == ["Alert", "Cancel", "Cancel"]
    assert [each.identifier for each in last.references] == [each.identifier for each in earlier]


def test_both_languages_and_the_place(tmp_path: Path) -> None:
    [message] = of_a_life(tmp_path, LIFE[0])
    local, english = message.infos
    assert (local.language, local.event, local.headline) == ("zh-CN", "细颗粒物", "细颗粒物红色预警：air-1")
    assert local.description == "air-1（north），细颗粒物，当前值 260 ug/m3，限值 250"
    assert (english.language, english.event) == ("en", "fine particles")
    assert english.description == "Fine particles 260 ug/m3 at air-1, limit 250"
    for info in message.infos:
        assert info.categories == ("Env", "Health")
        [area] = info.areas
        assert (area.description, area.circles) == ("north", ())
        assert area.polygons[0][0] == area.polygons[0][-1] == Point(51.0, 13.7)
    assert dict(english.parameters)["evidence"] == "readings 0 10-11"


def test_the_rules_own_sentences_go_to_their_languages() -> None:
    told = Profile("a@b.example", scope="Public", languages=("zh-CN", "en-GB", "de"))
    both = replace_texts(finding(1), {"zh": "超标", "en": "Over the limit"})
    infos = message_of(told, both, "x-1", 0, MAP.area_of(both, 1.0), []).infos
    assert [info.description for info in infos][:2] == ["超标", "Over the limit"]
    assert infos[2].description.startswith("fine particles at air-1")
    local = finding(1, text="细颗粒物超标")
    infos = message_of(told, local, "x-1", 0, MAP.area_of(local, 1.0), []).infos
    assert infos[0].description == "细颗粒物超标" and "limit 250" in infos[1].description
    single = message_of(replace(told, languages=("zh-CN",)), finding(1), "x-1", 0, MAP.area_of(local, 1.0), [])
    assert single.infos[0].description == "Fine particles 260 ug/m3 at air-1, limit 250"


def replace_texts(one: Finding, texts: dict[str, str]) -> Finding:
    return Finding(**{name: getattr(one, name) for name in Finding.__struct_fields__} | {"texts": texts})


def test_after_a_cancel_a_new_life_refers_to_nothing_before(tmp_path: Path) -> None:
    back = finding(5, "fired", "red", "")
    messages = of_a_life(tmp_path, LIFE[0], finding(2, "cleared", was="red"), back, finding(6, "cleared", was="red"))
    assert [(each.type, len(each.references)) for each in messages] == [
        ("Alert", 0), ("Cancel", 1), ("Alert", 0), ("Cancel", 1)
    ]  # fmt: skip
    assert messages[3].references[0].identifier == messages[2].identifier


def test_bodies_of_another_channel_are_not_referred_to(tmp_path: Path) -> None:
    hook = CHANNEL.format(url="http://127.0.0.1:9/").splitlines()[:6]
    old, wrong = parse_departments("\n".join([*hook, "        name: cap"]).replace("cap\n", "webhook\n", 1), "d.yaml")
    assert not wrong, wrong
    url = f"sqlite:///{tmp_path}/a.db"
    before = Desk(url, old)
    before.take([LIFE[0]])
    before.close()
    after = Desk(url, departments("http://127.0.0.1:9/"), places=MAP)
    after.take([LIFE[1]])
    with after.database.read() as session:
        message = read(session.query(OutboxRow).filter_by(revision=2).one().body)
    assert (message.type, message.references) == ("Alert", ())
    after.close()


def ring(count: int) -> Shape:
    points = [(13.7 + 0.1 * n / count, 51.0 + (0.05 if n % 2 else 0.0)) for n in range(count)]
    return Shape("north", (((*points, points[0]),),))


def test_places_of_a_group_of_sensors() -> None:
    one = finding(1, sensor="")
    facts = AreaFacts("old town", 2, 3, members=(("air-1", "red", 1.0, 0), ("air-2", "red", 1.0, 0)))
    odd = Finding(**{each: getattr(one, each) for each in Finding.__struct_fields__} | {"area": facts, "district": ""})
    area = Places({"air-1": SENSOR}).area_of(odd, 1.0)
    assert (area.description, len(area.circles)) == ("old town", 1)
    assert Places({}, {"old town": SQUARE}).area_of(odd, 1.0).polygons
    assert words(odd, "en").headline == "Red, fine particles at old town"


def test_places() -> None:
    one = finding(1)
    [circle] = Places({"air-1": SENSOR}).area_of(one, 2.5).circles
    assert (circle.centre, circle.radius) == (Point(51.05, 13.75), 2.5)
    assert not Places().area_of(one, 1.0).circles and Places().area_of(one, 1.0).description == "north"
    fine = Places({}, {"north": ring(500)}).area_of(one, 1.0)
    assert not fine.polygons and 4.0 < fine.circles[0].radius < 6.0
    assert all(
        abs(lat - 51.025) < 0.03 and abs(lon - 13.75) < 0.06 for (lat, lon), _ in fine.circles
    )  # the middle of them all


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("sender: 'a b'", "sender: no spaces, commas"), ("status: Real", "status: unknown: 'Real'"),
        ("scope: Private", "scope Private wants addresses"), ("scope: Restricted", "a restriction goes with"),
        ("restriction: police", "restriction: a restriction goes with"), ("languages: [English]", "x"),
        ("languages: []", "languages: an empty list"), ("radius: 0", "radius: kilometres, 100 at most"),
        ("radius: far", "radius: must be a number"), ("cap_severity: {high: Bad}", "unknown: 'Bad'"),
        ("cap_severity: high", "must be a mapping"), ("senders: x", "unknown key. did you mean 'sender'?"),
        ("languages: [e-n-]", "'e-n-' is no language"), ("addresses: [1]", "must be text"),
    ],
)  # fmt: skip
def test_mistakes_in_departments_yaml(more: str, told: str) -> None:
    name = more.partition(":")[0]
    lines = [
        line
        for line in CHANNEL.format(url="http://127.0.0.1:9/").splitlines()
        if not line.strip().startswith(f"{name}:")
    ]
    _, wrong = parse_departments("\n".join([*lines, f"        {more}"]), "departments.yaml")
    if told == "x":  # a tag of one word may be as long as that
        assert not wrong
    else:
        assert any(told in str(each) for each in wrong), wrong


def test_words_of_a_severity_that_is_no_colour() -> None:
    text = CHANNEL.format(url="http://127.0.0.1:9/") + "        cap_severity: {critical: Extreme}\n        radius: 3\n"
    found, wrong = parse_departments(text, "departments.yaml")
    assert not wrong
    config = found["environment"].channels[0].config
    assert config.radius == 3.0
    one, other = finding(1, severity="critical"), finding(1, severity="worse")
    assert message_of(config.profile, one, "x", 0, MAP.area_of(one, 1), []).infos[0].severity == "Extreme"
    assert message_of(config.profile, other, "x", 0, MAP.area_of(one, 1), []).infos[0].severity == "Unknown"


@pytest.mark.parametrize("metric", UNITS)
def test_every_metric_has_its_word_in_both_languages(metric: str) -> None:
    assert event(metric, "zh-CN") != metric or metric in ("",)
    assert event(metric, "en") and not chinese("en") and chinese("zh")


def test_what_will_be_is_expected_and_likely() -> None:
    soon = structs.replace(finding(1), metric="waterlogging_soon")
    [info] = message_of(Profile("a"), soon, "x", 0, MAP.area_of(soon, 1), []).infos
    assert (info.severity, info.urgency, info.certainty) == ("Extreme", "Expected", "Likely")
    now = structs.replace(soon, metric="waterlogging")
    [info] = message_of(Profile("a"), now, "x", 0, MAP.area_of(now, 1), []).infos
    assert (info.severity, info.urgency, info.certainty) == ("Extreme", "Immediate", "Observed")


def test_a_silence_is_called_one() -> None:
    one = finding(1)
    silent = Finding(**{name: getattr(one, name) for name in Finding.__struct_fields__} | {"kind": "silence"})
    assert words(silent, "zh").event == "细颗粒物数据中断" and words(silent, "en").event == "no data of fine particles"
    told = message_of(Profile("a", scope="Public"), silent, "x", 0, MAP.area_of(silent, 1), [])
    assert told.infos[0].categories == ("Infra",)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=80), st.text(max_size=40), st.sampled_from(["fired", "changed", "undecided", "cleared"]))
def test_no_finding_can_make_a_message_that_may_not_be_sent(text: str, name: str, change: str) -> None:
    one = finding(1)
    odd = Finding(
        **{each: getattr(one, each) for each in Finding.__struct_fields__}
        | {"text": text, "change": change, "unit": text}
        | dict.fromkeys(("sensor", "district", "rule", "metric"), name)
    )
    message = message_of(Profile("a", scope="Public", languages=("zh", "en")), odd, "x", 0, MAP.area_of(odd, 1), [])
    wrong = faults(message)
    assert [fault for fault in wrong if "event" not in fault] == []
    if not wrong:
        conforms(write(message))


def test_over_http_to_a_department_that_verifies_and_reads(tmp_path: Path) -> None:
    stop, ports = threading.Event(), list[int]()
    record = tmp_path / "received.jsonl"
    settings_ = DepartmentSettings("127.0.0.1", 0, Secret(SECRET), record, fail=1, status=503)
    said: list[str] = []
    receiver = threading.Thread(
        target=run_department,
        args=(settings_, lambda figures: ports.append(int(str(figures["port"])))),
        kwargs={"stop": stop, "say": said.append},
    )
    receiver.start()
    try:
        _until(lambda: bool(ports))
        known = departments(f"http://127.0.0.1:{ports[0]}/cap")
        desk = Desk(f"sqlite:///{tmp_path}/a.db", known, places=MAP)
        surroundings = Surroundings(Policy(allow_loopback=True), ENVIRON, HERE)
        [wanted] = known["environment"].channels
        channels = {wanted.endpoint: channel_of_cap.build(wanted.config, surroundings)}
        clock = lambda: time.time_ns() // 1_000_000 + 6_000 * record.exists()  # noqa: E731
        dispatcher = Dispatcher(Outbox(desk.database, "one"), channels, clock=clock, dice=lambda: 0.0)
        thread = threading.Thread(target=lambda: asyncio.run(dispatcher.run()))
        thread.start()
        try:
            desk.take(LIFE)
            dispatcher.wake()
            _until(lambda: desk.deliveries()["sent"] == len(LIFE))
        finally:
            dispatcher.stop()
            thread.join()
            desk.close()
    finally:
        stop.set()
        receiver.join()
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert len(lines) == len(LIFE) + 1 and lines[0]["body"] == lines[1]["body"], "the first was refused and came again"
    assert all(line["verified"] and not line["fault"] for line in lines)
    messages = [read(line["body"].encode()) for line in lines[1:]]
    assert [each.type for each in messages] == ["Alert", "Update", "Update", "Cancel"]
    assert any("CAP Cancel" in line for line in said)


def _until(condition: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


SOUND = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier><sender>b</sender>'
    "<sent>2026-01-01T00:00:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
    "<info><category>Env</category><event>e</event><urgency>Past</urgency><severity>Minor</severity>"
    "<certainty>Observed</certainty><area><areaDesc>d</areaDesc><polygon>1,1 1,2 2,2 1,1</polygon></area></info>"
    "</alert>"
)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("", "", ""), ("</alert>", "", "no XML"), ("cap:1.2", "cap:1.1", "no alert of CAP 1.2"),
        ("<sender>b</sender>", "", "no sender"), ("-00:00<", "Z<", "sent is no time"),
        (">Alert<", ">Update<", "refers to earlier"), ("<event>e</event>", "", "an info without event"),
        ("1,1 1,2 2,2 1,1", "1,1 1,2 2,2", "not closed"), ("1,1 1,2 2,2 1,1", "116,1 1,2 2,2 116,1", "not latitude"),
        ("1,1 1,2 2,2 1,1", "x 1,2 2,2 x", "not latitude"), (">Minor<", ">Bad<", "severity is 'Bad'"),
    ],
)  # fmt: skip
def test_what_the_practice_department_makes_of_a_message(before: str, after: str, fault: str) -> None:
    found = cap_fault(SOUND.replace(before, after).encode() if before else SOUND.encode())
    assert (fault in found) if fault else found == ""
