"""A city of seven sensors, with rules of the kinds sequence, compare, combine and incident on many things."""

from dataclasses import replace

from tests.support.area_city import SENSORS
from tests.support.judging import catalogue

WAY = {"a": ("b",), "b": ("c",), "e": ("f",)}
ROAD = [replace(each, downstream=WAY.get(each.id, ())) for each in SENSORS]
PLAIN = """
{name: follows, kind: sequence, first: {metric: pm25, above: 8}, then: {metric: noise, above: 8}, within: 10s, severity: red}
{name: wave, kind: sequence, area: neighbours, first: {metric: pm25, above: 10, at: downstream}, then: {metric: pm25, above: 10, at: upstream}, within: 15s, severity: red, silent: 10min}
{name: spreads, kind: sequence, area: district, first: {metric: pm25, above: 10}, then: {metric: noise, above: 10}, within: 9s, severity: orange, silent: 10min}
{name: nothing, kind: sequence, area: district, first: {metric: pm25, above: 8}, missing: {metric: noise, above: 10}, within: 6s, severity: orange, silent: 10min}
{name: apart, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 8s, above: {yellow: 1, red: 2}, clear: {yellow: 0.8}}
{name: uneven, kind: compare, area: neighbours, left: {metric: pm25}, right: {metric: pm25}, measure: distance, within: 3s, above: {yellow: 3, red: 7}}
{name: reference, kind: compare, left: {metric: pm25}, right: {metric: pm25, sensor: a}, measure: difference, age: 15s, below: {yellow: -2}}
{name: both, kind: combine, all: [{metric: pm25, above: 8}, {not: {metric: noise, above: 10}}], severity: red, silent: 10min}
{name: some, kind: combine, area: district, any: [{metric: pm25, above: 8, sensors: 2}, {metric: noise, above: 12, sensors: all}], severity: yellow, silent: 10min}
"""  # noqa: E501
WAITS = """
{name: smog, kind: threshold, metric: pm25, above: {yellow: 8, orange: 12}, hold: 2s}
{name: shrill, kind: threshold, metric: noise, above: {yellow: 8, red: 12}}
{name: kept, kind: combine, all: [{rule: smog, severity: orange}, {rule: shrill}], hold: 3s, keep_firing: 5s, severity: red, silent: 12s}
{name: held, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 6s, above: {red: 1}, hold: 4s, keep_firing: 3s}
{name: quiet, kind: combine, all: [{metric: pm25, silent: 8s}, {metric: noise, above: 5}], severity: yellow, silent: 9s}
{name: many, kind: quorum, of: {metric: pm25, above: 8}, at_least: {yellow: 2, red: 3}, silent: 20s, healthy: 1}
{name: family, kind: combine, area: district, all: [{rule: many, severity: red}, {not: {rule: spreads}}], severity: red, silent: 15s}
{name: late, kind: sequence, area: city, first: {rule: family}, missing: {rule: some}, within: 8s, severity: red}
{name: crash, kind: incident, every: 5s, severity: red, tentative: yellow, limits: {difference: 0.02, relative: 0.1, drop: 0.05, dense: 0.9}}
"""  # noqa: E501
TIMED = """
{name: t-many, kind: quorum, of: {metric: pm25, above: 8}, at_least: {yellow: 2, red: 3}, silent: 20s, healthy: 1, when: {between: ["22:00-22:01", "22:02-22:03"]}}
{name: t-follows, kind: sequence, first: {metric: pm25, above: 8}, then: {metric: noise, above: 8}, within: 10s, severity: red, when: {between: "22:01-22:02"}}
{name: t-apart, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 8s, above: {yellow: 1, red: 2}, when: {between: "22:01-22:03"}}
{name: t-hears, kind: combine, area: district, all: [{rule: t-many}], severity: orange, silent: 15s, when: {between: "21:00-22:01"}}
{name: t-never, kind: area, metric: pm25, aggregate: mean, every: 5s, across: max, above: {red: 1}, when: {days: sat}}
"""  # noqa: E501
"""T is on a Tuesday at 22:00."""
KINDS_CITY = catalogue(PLAIN + WAITS + TIMED, *ROAD)
PLAIN_CITY = catalogue(PLAIN, *ROAD)
