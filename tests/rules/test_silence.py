"""Silence: a registered sensor says nothing for too long."""

from dataclasses import replace

from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.engine import Engine
from rules.identity import chunk_of, partition_of
from rules.kinds.silence import BACK, OVER, UNSEEN
from rules.sensor import Sensor
from rules.silent import ALL, ALONE, ONLY, WATCHED
from rules.state import unpack
from rules.text import instant
from tests.support.judging import Play, T, catalogue, frame, judge, run, sensor, short, tick

RULE = "{name: s, kind: silence, metric: [pm25, pm10], after: 60s, severity: yellow}"


def test_it_fires_as_of_the_time_at_which_it_became_too_long() -> None:
    play = Play(RULE)
    play.read(0)
    assert play.clock(59.999) == []
    assert play.clock(75) == ["fired yellow @60"]
    assert play.clock(500) == []


def test_every_reading_puts_it_off() -> None:
    play = Play(RULE)
    for at in range(0, 600, 50):
        assert play.read(at, at) == []
        assert play.clock(at + 55) == []
    assert play.clock(611) == ["fired yellow @610"]


def test_a_gap_that_only_the_next_reading_shows_is_fired_and_cleared() -> None:
    play = Play(RULE)
    play.read(0)
    assert play.read(60) == ["fired yellow @60", "cleared yellow @60"]
    assert play.read(300) == ["fired yellow @120", "cleared yellow @300"]


def test_a_reading_that_was_under_way_clears_it_no_earlier_than_it_began() -> None:
    play = Play(RULE)
    play.read(0)
    assert play.clock(70) == ["fired yellow @60"]
    assert play.read(20) == ["cleared yellow @60"]
    assert play.clock(79) == []
    assert play.clock(81) == ["fired yellow @80"]


def test_a_reading_older_than_the_newest_says_nothing_about_it() -> None:
    play = Play(RULE)
    play.read(10)
    assert play.clock(70) == ["fired yellow @70"]
    assert play.read(5) == []
    counts = play.engine.counts()
    assert (counts.late, counts.repeats) == (0, 0)


def test_each_metric_is_an_entity_of_its_own() -> None:
    city = catalogue(RULE, sensor("a", "pm25", "pm10"))
    records = [frame(("a", "pm25", 0, 1), ("a", "pm10", 30, 1)), tick(100)]
    found = judge(city, records)
    assert [(each.metric, each.at) for each in found] == [("pm10", T + 90_000), ("pm25", T + 60_000)]
    assert found[0].episode != found[1].episode


def test_the_finding_has_no_value_and_begins_with_the_last_word_heard() -> None:
    city = catalogue(RULE)
    fired, cleared = judge(
        city, [frame(("a", "pm25", 0, 1)), frame(("a", "pm25", 1, 7)), tick(100), frame(("a", "pm25", 99, 5))]
    )
    assert (fired.value, fired.limit, fired.kind) == (None, None, "silence")
    assert (fired.evidence.first, fired.evidence.last, fired.evidence.seen, fired.evidence.count) == (1, 2, (), 0)
    assert fired.text == "No pm25 from a (north) for 1min: the sensor says nothing"
    assert (cleared.value, cleared.at, cleared.onset) == (None, T + 99_000, T + 61_000)
    assert [seen.offset for seen in cleared.evidence.seen] == [3]
    assert cleared.text == "Cleared after 38 s: No pm25 from a (north) for 1min"


def test_a_sensor_that_never_spoke_is_silent_after_its_time_from_the_first_tick_on() -> None:
    play = Play(RULE)
    assert play.clock(1000) == []
    assert play.clock(1059) == []
    assert play.clock(1075) == ["fired yellow @1060"]
    assert play.clock(9999) == []
    assert play.read(9000) == ["cleared yellow @9000"]
    assert play.clock(9061) == ["fired yellow @9060"]


def test_the_first_reading_ends_the_wait_for_it() -> None:
    play = Play(RULE)
    play.clock(1000)
    assert play.read(1059, 5.0) == []
    assert play.clock(1118) == []
    assert play.clock(1119) == ["fired yellow @1119"]


def test_a_first_reading_older_than_the_clocks_begin_is_a_reading() -> None:
    play = Play(RULE)
    play.clock(1000)
    assert play.read(990) == []
    assert play.clock(1050) == ["fired yellow @1050"]


def test_a_first_reading_that_comes_too_late_shows_the_silence_before_it() -> None:
    play = Play(RULE)
    play.clock(1000)
    assert play.read(1070) == ["fired yellow @1060", "cleared yellow @1070"]


def test_whoever_speaks_before_the_first_tick_is_not_waited_for() -> None:
    play = Play(RULE)
    play.read(0)
    assert play.clock(1000) == ["fired yellow @60"]
    assert play.clock(2000) == []


def test_while_the_clock_waits_for_bridges_nobody_is_silent() -> None:
    city = catalogue(RULE, bridges=("bridge-1", "late"))
    assert judge(city, [tick(0), tick(30)]) == []
    assert [each.at for each in judge(city, [tick(0), tick(50), tick(50, "late"), tick(200), tick(200, "late")])] == [
        T + 110_000
    ]


def test_a_restart_does_not_begin_the_wait_anew_and_leaves_nothing_behind_once_heard() -> None:
    city = catalogue(RULE, sensor("a"), sensor("b"))
    engine = Engine(city, partition=0, partitions=1)
    run(engine, [tick(1000), tick(1030)])
    again = restarted(engine, city)
    assert short(run(again, [tick(1059), tick(1060)])) == ["fired yellow @1060"] * 2
    again = restarted(again, city)
    assert short(run(again, [frame(("a", "pm25", 1100, 1.0))])) == ["cleared yellow @1100"]
    heard, unheard = (unpack(again.pack()[chunk_of(name)]) for name in "ab")
    assert heard.series[0].states == {}
    assert len(again.pack()[chunk_of("b")]) < 150 and unheard.series[0].last == -1


def test_a_sensor_or_rule_that_is_new_has_its_time_from_then_on() -> None:
    engine = Engine(catalogue(RULE, sensor("a")), partition=0, partitions=1)
    run(engine, [tick(1000), tick(1050)])
    more = catalogue(RULE + "\n" + RULE.replace("name: s", "name: t"), sensor("a"), sensor("b"))
    again = restarted(engine, more)
    found = run(again, [frame(("b", "pm10", 1055, 1)), tick(1058), tick(1500)])
    assert [(each.sensor, each.rule, (each.at - T) // 1000) for each in found] == [
        ("a", "s", 1060),
        ("a", "t", 1118),
        ("b", "s", 1118),
        ("b", "t", 1118),
    ]


def test_only_the_partitions_own_sensors_are_waited_for() -> None:
    city = catalogue(RULE, *(sensor(name) for name in "abcdefgh"))
    told = []
    for partition in range(4):
        engine = Engine(city, partition=partition, partitions=4)
        found = run(engine, [tick(0), tick(100)])
        assert {partition_of(each.sensor, 4) for each in found} <= {partition}
        told += [each.sensor for each in found]
    assert sorted(told) == list("abcdefgh")


def test_a_chunk_whose_state_is_of_a_later_record_waits_for_it() -> None:
    city = catalogue(RULE, sensor("a"), sensor("b"))
    records = [tick(1000), tick(1030), tick(1100)]
    whole = Engine(city, partition=0, partitions=1)
    run(whole, records[:2])
    again = Engine(city, partition=0, partitions=1)
    again.start(0, ClockState(), {chunk_of("a"): (2, whole.pack()[chunk_of("a")])})
    assert run(again, records) == run(whole, records[2:])
    assert again.pack() == whole.pack()


def test_a_window_beside_it_has_nothing_to_say_of_a_series_never_seen() -> None:
    window = "{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, below: {red: 1}}"
    held = "{name: l, kind: threshold, metric: pm25, below: {red: 1}, hold: 5s}"
    play = Play("\n".join((RULE, window, held)))
    assert [line for at in range(100, 200, 10) for line in play.clock(at)] == ["fired yellow @160"]
    assert play.read(200, 7.0) == ["cleared yellow @200"]
    assert play.clock(220) == ["fired red @220"]


REASONS = "{name: s, kind: silence, metric: pm25, after: 60s, severity: yellow}"
OTHER = "{name: o, kind: threshold, metric: pm10, above: {red: 500}}"


def reasons(rules: str, device: Sensor, *readings: tuple[str, float]) -> list[str]:
    """Of a minute's silence of pm25 after these readings (metric, s)."""
    records = [tick(0), *(frame((device.id, metric, at, 1.0)) for metric, at in readings), tick(500)]
    return [each.reason for each in judge(catalogue(rules, device), records)]


def test_it_says_whether_it_is_the_sensor_or_only_the_metric() -> None:
    both, quick = sensor("a", "pm25", "pm10"), replace(sensor("a", "pm25", "pm10"), interval=5000)
    gateway = replace(both, gateway="gw-1")
    rules = f"{REASONS}\n{OTHER}"
    assert reasons(rules, quick, ("pm25", 10), ("pm10", 10), ("pm10", 65)) == [ONLY]
    assert reasons(rules, quick, ("pm25", 10), ("pm10", 10)) == [ALL]
    # One message less of one metric than of the other: within an interval that says nothing.
    assert reasons(rules, quick, ("pm25", 10), ("pm10", 15)) == [ALL]
    assert reasons(rules, gateway, ("pm25", 10), ("pm10", 10)) == [f"{ALL}, it is behind the gateway gw-1"]
    assert reasons(REASONS, sensor("a"), ("pm25", 10)) == [ALL]
    assert reasons(REASONS, both, ("pm25", 10)) == [ALONE]
    three = replace(quick, channels={**quick.channels, "no2": quick.channels["pm10"]})
    assert reasons(rules, three, ("pm25", 10)) == [WATCHED]
    assert reasons(rules, replace(quick, gateway="gw"), ("pm25", 10), ("pm10", 60)) == [ONLY]


def test_it_says_that_it_was_never_seen() -> None:
    quick = replace(sensor("a", "pm25", "pm10"), interval=5000)
    assert reasons(f"{REASONS}\n{OTHER}", quick) == [f"{UNSEEN}, {ALL}"]
    assert reasons(f"{REASONS}\n{OTHER}", quick, ("pm10", 50)) == [f"{UNSEEN}, {ONLY}"]


def test_what_only_the_next_reading_shows_was_over_when_it_was_found() -> None:
    fired, cleared = judge(catalogue(REASONS), [frame(("a", "pm25", 0, 1)), frame(("a", "pm25", 100, 1))])
    assert (fired.reason, cleared.reason) == (OVER, BACK)
    assert fired.text == f"No pm25 from a (north) for 1min: {OVER}"
    assert cleared.text == "Cleared after 40 s: No pm25 from a (north) for 1min"


def test_a_text_of_ones_own_places_the_reason_and_the_times_itself() -> None:
    own = REASONS.replace("after", 'text: "{sensor} mute since {since}, {lasted} ({reason})", after')
    fired, cleared = judge(catalogue(own), [frame(("a", "pm25", 0, 1)), tick(70), frame(("a", "pm25", 200, 1))])
    since = instant(T + 60_000)
    assert fired.text == f"a mute since {since}, 0 s ({ALL})"
    assert cleared.text == f"Cleared after 2 min 20 s: a mute since {since}, 2 min 20 s ({BACK})"
    assert (fired.lasted, cleared.lasted) == (None, 140_000)


def restarted(engine: Engine, city: Catalogue) -> Engine:
    again = Engine(city, partition=0, partitions=1)
    facts = {number: (engine.position, data) for number, data in engine.pack().items()}
    again.start(engine.position, engine.clock, facts)
    return again
