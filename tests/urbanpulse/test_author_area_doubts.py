"""What is hardly meant in rules on groups."""

import pytest

from tests.support.judging import catalogue, sensor
from urbanpulse.authors.doubts import doubts

SENSORS = (sensor("a", "pm25", "pm10", "noise"), sensor("b", "pm25"))
COMBINE = "{name: r, kind: combine, PARTS, severity: red}"
SEQUENCE = "{name: r, kind: sequence, first: {metric: pm25, above: 5}, PARTS, severity: red}"
COMPARE = "{name: r, kind: compare, left: {metric: pm25}, right: {metric: pm10}, PARTS}"


def doubts_of(text: str, parts: str) -> list[str]:
    found = doubts(catalogue(text.replace("PARTS", parts), *SENSORS))
    return [f"{each.line} {each.key.removeprefix('rules[0].')}: {each.message}" for each in found]


@pytest.mark.parametrize(
    ("text", "parts", "words"),
    [
        (
            COMBINE,
            "all: [{metric: pm25, above: 5}, {not: {metric: pm25, above: 5}}]",
            "2 all: can never fire: its conditions exclude each other",
        ),
        (
            COMBINE,
            "any: [{metric: pm25, above: 5}, {not: {metric: pm25, above: 5}}]",
            "2 any: fires whatever the conditions are",
        ),
        (COMBINE, "not: {metric: pm25, above: 9999}", "2 not.above.on: can never fire: pm25 lies between 0 and "),
        (
            COMBINE,
            "all: [{metric: pm25, above: 5}], hold: 10s",
            "2 hold: 10s is shorter than the interval of a (1min): ",
        ),
        (
            COMBINE,
            "all: [{metric: pm25, above: 5}], keep_firing: 10s",
            "2 keep_firing: 10s is shorter than the interval of a (1min): a single reading ends it",
        ),
        (
            SEQUENCE,
            "then: {metric: noise, above: 5}, within: 10s",
            "2 within: 10s is shorter than the interval of a (1min): what follows is seen too late",
        ),
        (
            SEQUENCE,
            "missing: {metric: noise, below: -900}, within: 1h",
            "2 missing.below.on: can never fire: noise lies",
        ),
        (
            COMPARE,
            "measure: distance, age: 1h, above: {red: -1}",
            "2 above.red: fires with every value: a distance lies",
        ),
        (
            COMPARE,
            "measure: ratio, age: 1h, below: {red: 0}",
            "2 below.red: can never fire: a ratio is never less than 0",
        ),
        (COMPARE, "measure: difference, age: 1h, above: {red: 9999}", "2 above.red: can never fire: a difference lies"),
        (
            COMPARE,
            "measure: ratio, age: 10s, above: {red: 9}",
            "2 age: 10s is shorter than the interval of a (1min): most",
        ),
        (COMPARE, "measure: ratio, age: 1h, above: {red: 9}, hold: 10s", "2 hold: 10s is shorter than the interval of"),
        (
            "{name: r, kind: quorum, of: {metric: pm25, above: 9999}, PARTS}",
            "at_least: {red: 2}",
            "2 of.above.on: can never fire: pm25 lies between 0 and",
        ),
    ],
)
def test_one_doubt_with_its_place(text: str, parts: str, words: str) -> None:
    found = doubts_of(text, parts)
    assert len(found) == 1
    assert found[0].startswith(words)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (COMBINE, "all: [{metric: pm25, above: 5}, {not: {metric: noise, above: 80}}], hold: 5min"),
        (COMBINE, "any: [" + ", ".join(f"{{metric: pm25, above: {n}}}" for n in range(5, 17)) + "]"),
        (SEQUENCE, "missing: {metric: noise, silent: 10min}, within: 5min"),
        (COMPARE, "measure: distance, age: 5min, above: {red: 50}"),
        (COMPARE.replace("pm10", "aqi_us"), "measure: ratio, age: 5min, above: {red: 50}"),
        (
            COMPARE.replace("{metric: pm10}", "{metric: noise, aggregate: count, every: 1h}"),
            "measure: ratio, age: 5min, above: {red: 0}",
        ),
        (COMPARE.replace("pm10", "pm25, sensor: b"), "measure: ratio, within: 30s, above: {red: 2}"),
    ],
)
def test_what_is_well_meant_raises_none(text: str, parts: str) -> None:
    assert doubts_of(text, parts) == []
