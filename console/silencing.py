"""What an officer asks to be silenced: read from a form, checked against the city, and made."""

from collections.abc import Mapping

from fastapi import HTTPException

from console.context import Console
from console.pages.silences import HOURS
from console.ports import Silence

HOUR = 3_600_000
NAMES = ("rule", "sensor", "district", "department")


def silence_of(fields: Mapping[str, str], by: str, now: int) -> Silence:
    """The silence in a form. Raises HTTPException 400."""
    hours = fields.get("hours", "")
    if hours not in HOURS:
        raise HTTPException(400, "say for how long")
    rule, sensor, district, department = (fields.get(name, "").strip() for name in NAMES)
    ends, because = now + int(hours) * HOUR, fields.get("because", "")
    return Silence(ends, by, because, rule, sensor, district, department)


def checked(console: Console, wanted: Silence) -> Silence:
    """The same, if the city has what it names: a slip of the pen would silence nothing, and nobody would notice. Raises
    HTTPException 400."""
    city = console.city
    known = {
        "rule": {rule.name for rule in city.rules},
        "sensor": city.sensors.keys(),
        "district": {sensor.district for sensor in city.sensors.values()},
        "department": set(console.departments()),
    }
    for name, names in known.items():
        if (word := getattr(wanted, name)) and word not in names:
            raise HTTPException(400, f"the city has no {name} {word[:64]!r}")
    return wanted


def make_silence(console: Console, wanted: Silence) -> Silence:
    """Makes it. Raises HTTPException 400 for what the desk refuses."""
    try:
        made = console.desk.silence(wanted)
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
    console.feed.nudge()
    return made
