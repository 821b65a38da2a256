"""A catalogue as the console tells it."""

from dataclasses import replace

from console.city import CityView, describe
from console.ports import Limit
from rules.catalogue import Catalogue, parse_rules
from rules.geography import Shape
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


def test_another_catalogue_may_come_into_force_between_two_questions() -> None:
    of = CityView()
    assert (of.rules, of.sensors, of.refused) == ((), {}, ())
    gone = sensor("gone", metrics="pm25")
    assert list(of.metrics(gone)) == ["pm25"] and list(of.rules_for(gone, "pm25")) == []
    of.adopt(Catalogue({"a-1": sensor("a-1")}, tuple(parse_rules(RULES, "rules.yaml")[0])))
    assert [*of.sensors] == ["a-1"] and of.rules[0].name == "smog"
    assert list(CityView(refused=lambda: ["rules/a.yaml:3: no"]).refused) == ["rules/a.yaml:3: no"]


AREAS = """
rules:
  - name: smog
    kind: threshold
    metric: pm25
    above: {yellow: 75, red: 150}
  - {name: many, kind: quorum, of: {rule: smog, severity: red}, at_least: {yellow: 2, red: 4}, clear: {yellow: 0},
     within: 15min, area: {radius: 1500m}, healthy: 3}
  - {name: widespread, kind: quorum, of: {metric: pm25, above: 115, clear: 105, hold: 5min}, at_least: {red: 30%}}
  - {name: mute, kind: quorum, of: {metric: pm25, silent: 10min}, at_least: {red: 2}, area: city}
  - {name: heat, kind: area, metric: temperature, aggregate: max, every: 1h, across: percentile, rank: 90, area: city,
     above: {yellow: 35}, healthy: 40%}
  - {name: front, kind: sequence, area: neighbours, first: {metric: rain, above: 5, at: upstream},
     missing: {metric: water_level, above: 3, at: downstream}, within: 1h, severity: red}
  - {name: beside, kind: compare, left: {metric: pm10}, right: {metric: pm25}, measure: ratio, age: 10min,
     below: {yellow: 1}}
  - name: both
    kind: combine
    area: district
    all: [{rule: smog}, {any: [{metric: no2, above: 200}, {not: {metric: wind_speed, above: 1}}]}]
    hold: 10min
    severity: red
  - {name: crash, kind: incident, every: 5min, severity: red, tentative: yellow}
"""


def test_rules_on_areas_say_who_is_judged_together_and_what_is_asked_of_each() -> None:
    rules, faults = parse_rules(AREAS, "rules/areas.yaml")
    assert not faults, faults
    known = {"air-1": sensor("air-1", metrics="pm25 pm10 no2 temperature rain water_level wind_speed occupancy")}
    told = {rule.name: rule for rule in CityView(Catalogue(known, tuple(rules))).rules}
    assert {name: rule.condition for name, rule in told.items() if name != "smog"} == {
        "many": "Enough sensors within 1.5 km of a sensor: smog at red or graver. A sensor counts for 15 min more."
        " Cannot decide while fewer than 3 of them can be asked.",
        "widespread": "Enough sensors in a district: pm25 above 115 µg/m³, until 105 µg/m³ for 5 min."
        " Cannot decide while fewer than 50% of them can be asked.",
        "mute": "Enough sensors in the whole city: no pm25 for 10 min."
        " Cannot decide while fewer than 50% of them can be asked.",
        "heat": "The 90th percentile in the whole city of the highest of temperature over 1 h, above a limit."
        " Cannot decide while fewer than 40% of them can be asked.",
        "front": "rain above 5 mm upstream, not followed within 1 h by water_level above 3 m downstream, between a"
        " sensor and the next one downstream.",
        "beside": "The ratio of pm10 and pm25, not older than 10 min, at one sensor, below a limit.",
        "both": "smog is on and (no2 above 200 µg/m³ or not (wind_speed above 1 m/s)), in a district for 10 min.",
        "crash": "The road is full upstream and empty downstream, between a sensor and the next one downstream, in"
        " intervals of 5 min.",
    }
    assert told["many"].levels == (("yellow", "from 2 sensors, until 0 or fewer"), ("red", "from 4 sensors"))
    assert told["widespread"].levels == (("red", "from 30%"),)
    assert told["heat"].levels == (("yellow", "above 35"),) and told["heat"].limits == ()
    assert told["front"].levels == (("red", ""),) and told["crash"].levels == (("yellow", ""), ("red", ""))
    assert all(rule.limits == () for name, rule in told.items() if name != "smog"), "no chart draws them"


TIMED = """
rules:
  - name: night
    kind: threshold
    metric: pm25
    where: {inside: [park, lake], near: {lat: 51.05, lon: 13.7, radius: 500m}}
    when:
      - {calendar: [work, school], between: ["22:00-06:00", "12:00-24:00"]}
      - {days: [sat, sun], from: 2026-01-01, until: 2026-02-01}
    above: {yellow: {attribute: limit}, red: {attribute: worst, default: 90}}
    notify: {yellow: environment, red: [environment, emergency]}
  - {name: near, kind: threshold, metric: pm25, where: {near: {sensor: a, radius: 2km}}, above: {red: 1}}
"""


def test_times_places_routes_and_values_of_a_sensor_in_words() -> None:
    rules, faults = parse_rules(TIMED, "x")
    assert not faults
    one, two = sensor("a"), sensor("b")
    square = ((-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0), (-180.0, -90.0))
    known = {"a": replace(one, attributes={"limit": "50"}, lat=51.05, lon=13.7), "b": replace(two, lat=51.05, lon=13.7)}
    city = CityView(Catalogue(known, tuple(rules), shapes={"park": Shape("park", ((square,),))}))
    night, near = city.rules
    assert night.condition == (
        "pm25 above a limit. Only on days of work or school, 22:00 to 06:00 and 12:00 to 24:00; "
        "or on sat, sun, from 2026-01-01, until 2026-02-01. A sensor may have values of its own in the registry."
    )
    assert night.where == "all sensors inside lake or park within 500 m of 51.05, 13.7"
    assert near.where == "all sensors within 2000 m of a"
    assert night.notify == ("environment", "emergency")
    assert night.levels[0] == ("yellow", "above what the registry says of the sensor")
    assert night.limits == (Limit("red", 90.0),)
    assert city.rules_for(known["a"], "pm25")[0].limits == (Limit("yellow", 50.0), Limit("red", 90.0))
    assert city.rules_for(known["b"], "pm25")[0].limits == (Limit("red", 90.0),)


def test_a_rule_that_puts_right_what_it_said_says_so() -> None:
    rules, faults = parse_rules(
        "rules: [{name: s, kind: silence, metric: pm25, after: 30min, severity: red, amend: 6h}]", "r.yaml"
    )
    assert not faults
    assert describe(rules[0]).condition == (
        "No pm25 for 30 min. What it said is decided anew when readings come up to 6 h late."
    )
