"""The roll of a group: which of its sensors can be asked, and why the others cannot."""

from collections.abc import Mapping

import msgspec

from rules.areas.event import SILENT, Event
from rules.areas.group import Group

NEVER, HEARD, MUTE = range(3)
NEVER_HEARD = "never heard"


class Voice(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one sensor. `health`: never heard, heard, or silent. `why`: it could not decide, for this
    reason."""

    health: int = NEVER
    why: str = ""


def listen(voice: Voice, event: Event) -> Voice:
    """After an event: of its health, or of the member itself."""
    if event.member < 0:
        return msgspec.structs.replace(voice, health=MUTE if event.severity == SILENT else HEARD)
    return msgspec.structs.replace(voice, why=event.why)


def reason(group: Group, sensor: str, voice: Voice | None, health: bool) -> str:
    """Why a sensor of the group cannot be asked, empty when it can. `health`: whether there is news of its health."""
    if sensor in group.away:
        return group.away[sensor]
    if health and (voice is None or voice.health == NEVER):
        return NEVER_HEARD
    if health and voice is not None and voice.health == MUTE:
        return SILENT
    return "" if voice is None else voice.why


def absent(group: Group, voices: Mapping[str, Voice], health: bool) -> dict[str, str]:
    """The sensors that cannot be asked, with the reason."""
    return {each: why for each in group.sensors if (why := reason(group, each, voices.get(each), health))}


def too_few(n: int, group: Group, needed: int) -> str:
    """The reason why nothing is known of the group."""
    return f"{n} of {len(group.sensors)} sensors can be asked, {needed} needed"
