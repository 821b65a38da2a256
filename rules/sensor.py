"""A device of the registry."""

import re
from dataclasses import dataclass, field
from typing import Literal

TimeFormat = Literal["rfc3339", "s", "ms"]
Status = Literal["active", "maintained", "quarantined"]

# Ids travel in MQTT topics, line protocol and URLs, so they hold nothing that any of these treats specially.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True, order=True)
class Calibration:
    """corrected = raw * gain + offset, in the canonical unit, for readings at `since` (ms) and later."""

    since: int
    gain: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Channel:
    """One metric of one sensor: the unit it sends and its calibrations, oldest first."""

    unit: str
    scale: float = 1.0
    shift: float = 0.0
    calibrations: tuple[Calibration, ...] = ()


@dataclass(frozen=True, slots=True)
class Sensor:
    """Where a device stands, whose it is, what it measures and how often (`interval` in ms). `gateway` names the
    device that publishes for it, or is empty. `time` is the format of its `ts` field. `line`: where in the registry it
    stands, 0 for nowhere. `free_flow`: the speed (km/h) of the empty road it watches, 0 for the city's.

    For area rules: the `group` that it is of, if any; the sensors next `downstream` of it; and its `status`, of which
    all but active leave it out of what they count.
    """

    id: str
    kind: str
    department: str
    district: str
    lat: float
    lon: float
    channels: dict[str, Channel] = field(default_factory=dict)
    interval: int = 60_000
    time: TimeFormat = "rfc3339"
    gateway: str = ""
    free_flow: float = 0.0
    group: str = ""
    downstream: tuple[str, ...] = ()
    status: Status = "active"
    line: int = field(default=0, compare=False, repr=False)
