"""What more there is to say of a silence: is it the sensor, or one metric of it."""

from collections.abc import Mapping

from rules.kinds.silence import OVER, UNSEEN
from rules.machine import Change
from rules.sensor import Sensor

ONLY = "its other metrics still come"
ALL = "the sensor says nothing"
WATCHED = "nothing of it that is watched comes"
ALONE = "whether its other metrics come nobody watches"


def reason_of(sensor: Sensor, metric: str, change: Change, after: int, heard: Mapping[str, int]) -> str:
    """In words, why `metric` is silent as of the change. `heard`: when the sensor's other metrics were last heard (ms,
    -1 for never), of those that are watched.

    Another metric still comes if it was heard later than this one, by more than an interval: the last message of a
    device need not hold all its metrics. Other sensors are not asked, such as those behind the same gateway: when this
    one is judged again after a crash, their state may be that of another time, and the words would not be the same.
    """
    if change.reason == OVER:
        return OVER
    others = [each for each in sensor.channels if each != metric]
    if any(last > change.at - after + sensor.interval for last in heard.values()):
        found = ONLY
    elif len(heard) == len(others):
        found = ALL
    else:
        found = WATCHED if heard else ALONE
    behind = f", it is behind the gateway {sensor.gateway}" if sensor.gateway and found != ONLY else ""
    begun = f"{UNSEEN}, " if change.reason == UNSEEN else ""
    return f"{begun}{found}{behind}"
