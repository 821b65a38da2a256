"""A city of seven sensors with area rules of both kinds on many things, and logs of it."""

from dataclasses import replace

from hypothesis import strategies as st

from tests.support.area_logs import Clock, Log, Read
from tests.support.area_oracle import in_order
from tests.support.judging import catalogue, sensor

RULES = """
{name: many, kind: quorum, of: {metric: pm25, above: 10, clear: 7}, at_least: {yellow: 2, red: 3}, within: 8s, silent: 20s, healthy: 2}
{name: slow, kind: quorum, of: {metric: pm25, above: 8}, at_least: {yellow: 3, red: 4}, clear: {yellow: 1}, silent: 25s, area: city}
{name: share, kind: quorum, of: {metric: noise, above: {low: 5, high: 12}}, at_least: {yellow: 30%, red: 60%}, silent: 15s, area: city, healthy: 40%}
{name: smog, kind: threshold, metric: pm25, above: {yellow: 8, orange: 12, red: 15}}
{name: grave, kind: quorum, of: {rule: smog, severity: orange}, at_least: {red: 2}, silent: 20s, healthy: 1, area: group}
{name: level, kind: area, metric: pm25, aggregate: mean, every: 5s, across: mean, above: {yellow: 8, red: 12}, clear: {yellow: 6}, silent: 20s, healthy: 1}
{name: middle, kind: area, metric: pm25, aggregate: mean, every: 5s, over: 10s, at_least: 2, across: median, above: {yellow: 9}, silent: 20s, area: city}
{name: worst, kind: area, metric: noise, aggregate: mean, every: 10s, across: max, above: {red: 12}, silent: 15s, area: city, healthy: 2}
"""  # noqa: E501
SENSORS = [
    replace(sensor("a", "pm25", "noise"), group="ring"),
    replace(sensor("b", "pm25", "noise"), group="ring"),
    sensor("c", "pm25"),
    replace(sensor("d", "pm25", "noise"), status="maintained"),
    replace(sensor("e", "pm25", district="south"), group="ring"),
    sensor("f", "pm25", "noise", district="south"),
    replace(sensor("g", "noise", district="south"), status="quarantined"),
]
CITY = catalogue(RULES, *SENSORS)


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """About two minutes of seven sensors. Readings come in the order of each sensor's own time, in whole half seconds,
    up to 4.5 s old: within the delay. Values are whole eighths, so that means are exact."""
    log: list[Read | Clock] = []
    now = 0
    last: dict[tuple[str, str], int] = {}
    series = [("a", "pm25"), ("b", "pm25"), ("c", "pm25"), ("d", "pm25"), ("e", "pm25"), ("f", "pm25")]
    series += [("a", "noise"), ("b", "noise"), ("f", "noise"), ("g", "noise")]
    for _ in range(draw(st.integers(5, 90))):
        now += draw(st.sampled_from([0, 0, 500, 1000, 2000, 2000, 11_000]))
        if draw(st.integers(0, 4)) == 0:
            log.append(Clock(now))
            continue
        name, metric = draw(st.sampled_from(series))
        at = max(now - draw(st.integers(0, 9)) * 500, last.get((name, metric), -500) + 500)
        if at > now:
            continue
        last[name, metric] = at
        log.append(Read(name, metric, at, draw(st.sampled_from([0.0, 5.0, 7.0, 8.0, 8.5, 9.0, 11.0, 13.0, 16.0]))))
    log.append(Clock(now + draw(st.sampled_from([0, 6000, 60_000]))))
    assert in_order(log)
    return log
