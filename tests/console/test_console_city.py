"""A catalogue as the console tells it."""

from console.city import CityView, describe
from console.ports import Limit
from rules.catalogue import Catalogue, parse_rules
from tests.support.console_twins import sensor

RULES = """
rules:
  - name: smog
    kind: threshold
    metric: pm25
    where: {kind: air, district: [north, west]}
    above: {yellow: 115, red: 250}
    clear: {yellow: 105, red: 250}
    hold: 10min
    keep_firing: 5min
  - name: jam
    kind: window
    metric: occupancy
    aggregate: mean
    every: 1h
    delay: 30s
    above: {yellow: 0.6}
    notify: [traffic]
  - name: sparse
    kind: window
    metric: pm25
    aggregate: count
    every: 1h
    below: {yellow: 5}
  - name: silent
    kind: silence
    metric: [pm25, no2]
    after: 30min
    severity: yellow
  - name: thrice
    kind: threshold
    metric: pm10
    above: {yellow: 85}
    times: 3
  - name: often
    kind: threshold
    metric: pm10
    above: {yellow: 85}
    times: 5
    within: 10min
  - name: loud
    kind: window
    metric: pm10
    aggregate: percentile
    percentile: 95
    every: 5min
    over: 1h
    at_least: 45min
    above: {yellow: 50}
  - name: long
    kind: window
    metric: pm10
    aggregate: share_above
    mark: 50
    every: 1h
    at_least: 10
    above: {yellow: 0.5}
  - name: slide
    kind: window
    metric: pm10
    aggregate: max
    sliding: 10min
    above: {yellow: 30}
  - name: visit
    kind: window
    metric: pm10
    aggregate: count
    session: 10min
    above: {yellow: 30}
  - name: rise
    kind: change
    measure: rate
    per: 1h
    gap: 10min
    metric: pm10
    above: {yellow: 30}
    hold: 5min
    keep_firing: 5min
  - name: still
    kind: change
    measure: stuck
    metric: pm10
    above: {yellow: 120}
  - name: step
    kind: change
    measure: jump
    metric: humidity
    above: {yellow: 0.3}
"""


def view() -> CityView:
    rules, found = parse_rules(RULES, "rules.yaml")
    assert not found
    sensors = {one.id: one for one in (sensor("a-1", metrics="pm25 no2"), sensor("a-2", district="east"))}
    return CityView(Catalogue(sensors, tuple(rules)))


def test_rules_are_told_in_words_with_their_limits_in_the_unit_of_the_metric() -> None:
    smog, jam, sparse, silent, thrice, often, loud, long, slide, visit, rise, still, step = view().rules
    assert smog.condition == "pm25 above a limit for 10 min. Clears after 5 min without."
    assert smog.where == "air sensors in north, west"
    assert smog.levels == (("yellow", "above 115 µg/m³, until 105 µg/m³"), ("red", "above 250 µg/m³"))
    assert smog.limits == (Limit("yellow", 115.0), Limit("red", 250.0))
    assert jam.condition == "The mean of occupancy over each 1 h above the limit. Waits 30 s for stragglers."
    assert jam.levels == (("yellow", "above 60 %"),) and jam.notify == ("traffic",)
    assert sparse.condition == "The number of readings of pm25 over each 1 h below the limit."
    assert sparse.levels == (("yellow", "below 5"),) and sparse.limits == (), "a count is no value on the chart"
    assert thrice.condition == "pm10 above the limit 3 times in a row."
    assert often.condition == "pm10 above the limit 5 times within 10 min."
    assert (
        loud.condition == "The 95th percentile of pm10 over the last 1 h, each 5 min, above the limit."
        " Cannot decide with less than 45 min."
    )
    assert loud.limits == (Limit("yellow", 50.0),)
    assert (
        long.condition == "The share of time with pm10 above 50 µg/m³ over each 1 h above the limit."
        " Cannot decide with less than 10 readings."
    )
    assert long.levels == (("yellow", "above 0.5"),) and long.limits == ()
    assert slide.condition == "The highest of pm10 over the 10 min before each reading above the limit."
    assert slide.limits == (Limit("yellow", 30.0),)
    assert (
        visit.condition
        == "The number of readings of pm10 over each session, which 10 min of silence end, above the limit."
    )
    assert visit.limits == ()
    assert (
        rise.condition == "The change in 1 h of pm10 above the limit for 5 min. Clears after 5 min without."
        " Compares no readings more than 10 min apart."
    )
    assert rise.levels == (("yellow", "above 30 ug/m3/h"),) and rise.limits == ()
    assert still.condition == "The time without any change in minutes of pm10 above the limit."
    assert still.levels == (("yellow", "above 120 min"),)
    assert step.condition == "The change from one reading to the next, up or down, of humidity above the limit."
    assert step.levels == (("yellow", "above 30 %"),) and step.limits == ()
    assert silent.condition == "No pm25 or no2 for 30 min." and silent.levels == (("yellow", ""),)


def test_a_sensor_has_the_rules_that_select_it() -> None:
    of = view()
    assert [rule.name for rule in of.rules_for(of.sensors["a-1"], "pm25")] == ["smog", "sparse", "silent"]
    assert [rule.name for rule in of.rules_for(of.sensors["a-2"], "pm25")] == ["sparse", "silent"]
    assert [rule.name for rule in of.rules_for(of.sensors["a-1"], "no2")] == ["silent"]


def test_a_rule_that_puts_right_what_it_said_says_so() -> None:
    rules, faults = parse_rules(
        "rules: [{name: s, kind: silence, metric: pm25, after: 30min, severity: red, amend: 6h}]", "r.yaml"
    )
    assert not faults
    assert describe(rules[0]).condition == (
        "No pm25 for 30 min. What it said is decided anew when readings come up to 6 h late."
    )
