"""Cities whose rules on groups may take back what they said, and logs of readings that come late."""

from hypothesis import strategies as st

from rules.areas.pair import Pair
from rules.areas.summary import VERSION, Summary
from rules.catalogue import Catalogue
from tests.support.area_city import RULES
from tests.support.area_logs import Clock, Log, Read
from tests.support.judging import T, catalogue, switch_to
from tests.support.kinds_city import PLAIN, ROAD, TIMED, WAITS

AMEND = 20
"""Seconds."""
SERIES = [("a", "pm25"), ("b", "pm25"), ("c", "pm25"), ("d", "pm25"), ("e", "pm25"), ("f", "pm25")]
SERIES += [("a", "noise"), ("b", "noise"), ("f", "noise"), ("g", "noise")]


def amending(rules: str) -> str:
    lines = [line for line in rules.splitlines() if line]
    return "\n".join(f"{line[:-1]}, amend: {AMEND}s}}" for line in lines) + "\n"


AMENDING = catalogue(amending(RULES.replace("smog", "fog") + PLAIN + WAITS + TIMED).replace("many", "much", 1), *ROAD)


def switch_both(after: Catalogue, pair: Pair, serial: int = 1) -> None:
    """Both stages go over to this catalogue, with the next record and with what it leads to."""
    switch_to(after, serial, pair.engine)
    pair.areas.summary(pair.areas.position, Summary(VERSION, 0, T, -1, after.hash, serial), after)


@st.composite
def late_logs(draw: st.DrawFn, within: int = AMEND * 1000, most: int = 50) -> Log:
    """Readings that come up to `within` ms behind the clock, in any order, and ticks."""
    log: list[Read | Clock] = [Clock(0)]
    known: set[tuple[str, str, int]] = set()
    now = clock = 0
    for _ in range(draw(st.integers(3, most))):
        now += draw(st.sampled_from([0, 0, 500, 1000, 2000, 2000, 5000, 11_000]))
        if draw(st.integers(0, 3)) == 0:
            log.append(Clock(now))
            clock = now
            continue
        name, metric = draw(st.sampled_from(SERIES))
        late = draw(st.sampled_from([0, 0, 0, 500, 1000, 3000, 4500, 8000, 13_000, 19_500, 20_000]))
        at = max(0, now - late, clock - within)
        if (name, metric, at) not in known:
            known.add((name, metric, at))
            value = draw(st.sampled_from([0.0, 5.0, 7.0, 8.0, 8.5, 9.0, 11.0, 13.0, 16.0]))
            log.append(Read(name, metric, at, value))
    return [*log, Clock(now), Clock(now + 6000), Clock(now + 60_000)]
