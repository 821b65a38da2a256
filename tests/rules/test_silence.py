"""Silence: a sensor that has spoken before says nothing for too long."""

from tests.support.judging import Play, T, catalogue, frame, judge, sensor, tick

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


def test_a_sensor_that_never_spoke_is_not_silent() -> None:
    assert Play(RULE).clock(10_000) == []


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
    assert fired.text == "No pm25 from a (north) for 1min"
    assert (cleared.value, cleared.at, cleared.onset) == (None, T + 99_000, T + 61_000)
    assert [seen.offset for seen in cleared.evidence.seen] == [3]
    assert cleared.text == "Cleared: No pm25 from a (north) for 1min"
