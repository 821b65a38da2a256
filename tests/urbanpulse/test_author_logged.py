"""The log read again where catalogues came into force: each stretch is judged by the one that was in force there."""

from collections.abc import Sequence

from rules.body import Body, sound
from rules.frame import Frame, switch
from rules.shelf import Claim, Shelf, body_record, claim_record
from tests.support.authors import NOON
from tests.support.frames import frame, tick
from urbanpulse.authors.answer import Answer, not_in_force, why_not
from urbanpulse.authors.logged import Logged, narrow
from urbanpulse.authors.story import Story, tell

HEAD = "id,kind,department,district,lat,lon,metrics,interval"
ROWS = {"a": "a,air,env,north,48,2,pm25,60s", "road": "road,traffic,env,north,48,2,speed flow,60s"}


def body(rules: str, *sensors: str) -> Body:
    rows = [ROWS[name] for name in sensors or ("a",)]
    return Body(
        files={"sensors.csv": "\n".join([HEAD, *rows]), "rules/a.yaml": f"rules:\n- {{{rules}}}\n"}, timezone="UTC"
    )


LOW = body("name: smog, kind: threshold, metric: pm25, above: {red: 75}, hold: 10s")
HIGH = body("name: smog, kind: threshold, metric: pm25, above: {red: 90}, hold: 10s")
TOLD = body("name: smog, kind: threshold, metric: pm25, above: {red: 75}, hold: 10s, text: Look, notify: health", "a")
ROAD = body("name: smog, kind: threshold, metric: speed, above: {red: 75}", "road")
GONE = body("name: other, kind: threshold, metric: pm25, above: {red: 75}")
JAM = body("name: jam, kind: threshold, metric: tpi, above: {red: 1}", "road")


def logged(*bodies: Body) -> Logged:
    shelf = Shelf()
    for number, one in enumerate(bodies, 1):
        shelf.take(*body_record(one))
        shelf.take(*claim_record(Claim(1, number, one.hash, NOON + 1000 * number)))
    return Logged(shelf)


def story(
    records: Sequence[Frame], known: Logged, at: float, first: int = 0, rule: Body = LOW, metric: str = "pm25"
) -> Story:
    city = sound(rule)
    device = next(iter(city.sensors.values()))
    return tell(enumerate(records, first), city.rules[0], device, metric, at=NOON + round(at * 1000), logged=known)


def reading(at: float, value: float) -> Frame:
    ts = NOON + round(at * 1000)
    return frame([("a", "pm25", ts, value)], ts)


def clock(at: float) -> Frame:
    return tick(NOON + round(at * 1000))


def to(one: Body, serial: int) -> Frame:
    return switch(one.hash, serial, NOON)


def test_before_the_first_catalogue_nothing_was_in_force() -> None:
    told = story([clock(0), reading(1, 99), clock(30)], logged(LOW), 20)
    assert not told.watched
    assert not_in_force(told).code == "no_catalogue"


def test_a_hold_goes_on_across_a_switch_that_changes_only_words() -> None:
    records = [to(LOW, 1), clock(0), reading(1, 80), clock(5), to(TOLD, 2), clock(8), clock(20)]
    told = story(records, logged(LOW, TOLD), 8)
    assert (told.watched, told.rule.text) == (True, "Look")
    assert why_not(told).code == "holding"
    assert [each.change for each in story(records, logged(LOW, TOLD), 15).findings] == ["fired"]


def test_each_time_is_answered_by_the_rule_of_that_time() -> None:
    records = [to(LOW, 1), clock(0), reading(1, 80), clock(12), clock(19), to(HIGH, 2), clock(30), reading(31, 80)]
    records += [clock(60), clock(90)]
    known = logged(LOW, HIGH)
    assert why_not(story(records, known, 15)).code == "firing"
    told = story(records, known, 70, rule=HIGH)
    assert [each.change for each in told.findings] == ["fired", "cleared"]
    assert why_not(told).reason.endswith("is not above 90 (red)")


def test_the_same_switch_again_changes_nothing() -> None:
    records = [to(LOW, 1), clock(0), reading(1, 80), clock(5), to(LOW, 1), clock(20)]
    assert why_not(story(records, logged(LOW), 15)).code == "firing"


def test_what_was_not_in_force_then_is_said() -> None:
    known = logged(GONE, ROAD, LOW)
    records = [to(GONE, 1), clock(0), clock(10), to(ROAD, 2), clock(20), clock(30), to(LOW, 3), clock(40), clock(50)]

    def answer(at: float) -> Answer:
        told = story(records, known, at)
        return not_in_force(told) if not told.watched else why_not(told)

    assert answer(5).reason == "at 2026-01-01T12:00:05.000Z the rule smog was not in force"
    assert answer(25).reason == "at 2026-01-01T12:00:25.000Z the sensor a was not in the registry"
    assert answer(45).code == "no_data"


def test_what_the_rule_of_that_time_asked_for_is_said() -> None:
    old = body("name: smog, kind: threshold, metric: pm25, where: {district: south}, above: {red: 75}")
    old = Body(files={**old.files, "sensors.csv": f"{HEAD}\n{ROWS['a']}\n{ROWS['a'].replace('a,', 'b,', 1)}"})
    told = story([to(old, 1), clock(0), clock(20)], logged(old, LOW), 10)
    found = not_in_force(told)
    assert (found.code, len(found.more)) == ("not_selected", 1)
    assert "`where` wants south" in found.reason


def test_a_log_that_was_cut_begins_with_what_was_in_force_at_its_first_record() -> None:
    records = [clock(3), reading(4, 80), clock(30)]
    assert why_not(story(records, logged(LOW), 20, first=70)).code == "firing"
    assert not story(records, logged(LOW), 20, first=0).watched


def test_a_text_that_is_no_longer_kept_judges_nothing() -> None:
    told = story([to(HIGH, 1), clock(0), reading(1, 99), clock(30)], logged(LOW), 20)
    assert not told.watched and told.findings == []


def test_an_index_is_followed_too() -> None:
    speeds = [("road", "speed", NOON + minute * 60_000, 5.0) for minute in range(5)]
    records = [to(LOW, 1), to(JAM, 2), clock(0), frame(speeds, NOON), clock(290), clock(400), clock(500)]
    told = story(records, logged(LOW, JAM), 450, rule=JAM, metric="tpi")
    assert [each.change for each in told.findings] == ["fired"]


def test_of_a_catalogue_that_is_not_there_nothing_is_left() -> None:
    assert narrow(None, "smog", "a", "pm25").rules == ()
    assert narrow(sound(LOW), "smog", "b", "pm25").sensors == {}
    assert narrow(sound(LOW), "smog", "a", "pm25").rules[0].where.sensor == ("a",)
    assert logged().newest is None and logged(LOW, HIGH).newest == sound(HIGH)
