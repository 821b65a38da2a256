"""What stands against sending a message."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from math import isfinite

from alerts.cap import vocabulary as cap
from alerts.cap.instant import instant_text
from alerts.cap.message import Area, Info, Message, Point

# No spaces, commas, < or & (2.3 of the standard): references would fall apart.
NAME = re.compile(r"[^\s,<&\x00-\x1f\x7f]+")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_ANSWERS = ("Update", "Cancel", "Ack", "Error")


class CapError(ValueError):
    """A message that is no valid CAP; `reasons` has all that is wrong with it, each with its place."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


def faults(message: Message) -> list[str]:
    """All that is wrong, empty when it may be sent."""
    return list(_message(message))


def _message(message: Message) -> Iterator[str]:
    for name, text in (("identifier", message.identifier), ("sender", message.sender)):
        if not NAME.fullmatch(text):
            yield f"{name}: no spaces, commas, < or & in {text!r}, and not empty"
    yield from _time("sent", message.sent)
    yield from _one_of("status", message.status, cap.STATUS)
    yield from _one_of("msgType", message.type, cap.MESSAGE_TYPE)
    yield from _one_of("scope", message.scope, cap.SCOPE)
    if (message.scope == "Restricted") != bool(message.restriction):
        yield "restriction: goes with scope Restricted, and with no other"
    if message.scope == "Private" and not message.addresses:
        yield "addresses: scope Private wants them"
    if message.type in _ANSWERS and not message.references:
        yield f"references: {message.type} refers to what was sent before"
    for number, reference in enumerate(message.references):
        if not all(NAME.fullmatch(part) for part in reference):
            yield f"references[{number}]: sender, identifier and sent hold no spaces or commas"
    for number, info in enumerate(message.infos):
        for fault in _info(info):
            yield f"info[{number}].{fault}"


def _info(info: Info) -> Iterator[str]:
    if not LANGUAGE.fullmatch(info.language):
        yield f"language: not a language tag: {info.language!r}"
    if not info.categories:
        yield "category: at least one"
    for category in info.categories:
        yield from _one_of("category", category, cap.CATEGORY)
    for response in info.responses:
        yield from _one_of("responseType", response, cap.RESPONSE)
    yield from _one_of("urgency", info.urgency, cap.URGENCY)
    yield from _one_of("severity", info.severity, cap.SEVERITY)
    yield from _one_of("certainty", info.certainty, cap.CERTAINTY)
    if not info.event.strip():
        yield "event: empty"
    times = (("effective", info.effective), ("onset", info.onset), ("expires", info.expires))
    for name, at in times:
        if at is not None:
            yield from _time(name, at)
    for number, resource in enumerate(info.resources):
        if not resource.description or not resource.mime_type:
            yield f"resource[{number}]: wants a description and a media type"
    for number, area in enumerate(info.areas):
        for fault in _area(area):
            yield f"area[{number}].{fault}"


def _area(area: Area) -> Iterator[str]:
    if not area.description.strip():
        yield "areaDesc: empty"
    for polygon in area.polygons:
        if len(polygon) < 4 or polygon[0] != polygon[-1]:
            yield "polygon: at least 4 points, the last the same as the first"
        if not all(map(_on_earth, polygon)):
            yield "polygon: latitude -90 to 90, then longitude -180 to 180"
    for circle in area.circles:
        if not _on_earth(circle.centre) or not (isfinite(circle.radius) and circle.radius >= 0):
            yield "circle: a point on Earth and a radius in km"
    if area.ceiling is not None and area.altitude is None:
        yield "ceiling: only with an altitude"


def _on_earth(point: Point) -> bool:
    return -90 <= point.lat <= 90 and -180 <= point.lon <= 180


def _time(name: str, at: datetime) -> Iterator[str]:
    try:
        instant_text(at)
    except ValueError as error:
        yield f"{name}: {error}"


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> Iterator[str]:
    if value not in allowed:
        yield f"{name}: {value!r} is none of {', '.join(allowed)}"
