"""A message to XML, by the standard library."""

import re
from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from alerts.cap.faults import CapError, faults
from alerts.cap.instant import instant_text
from alerts.cap.message import Area, Info, Message, Point, Resource
from alerts.cap.vocabulary import NAMESPACE

# What XML 1.0 cannot hold, escaped or not; a stranger's text must not make the whole message unreadable.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(message: Message) -> bytes:
    """UTF-8 with its XML declaration. Raises CapError for a message that may not be sent.

    Characters that XML 1.0 cannot hold become U+FFFD.
    """
    if reasons := faults(message):
        raise CapError(reasons)
    alert = Element("alert", xmlns=NAMESPACE)
    _put(alert, "identifier", message.identifier)
    _put(alert, "sender", message.sender)
    _put(alert, "sent", instant_text(message.sent))
    _put(alert, "status", message.status)
    _put(alert, "msgType", message.type)
    _put(alert, "source", message.source)
    _put(alert, "scope", message.scope)
    _put(alert, "restriction", message.restriction)
    _put(alert, "addresses", _list(message.addresses))
    for code in message.codes:
        _put(alert, "code", code)
    _put(alert, "note", message.note)
    _put(alert, "references", " ".join(map(str, message.references)))
    _put(alert, "incidents", _list(message.incidents))
    for info in message.infos:
        _info(SubElement(alert, "info"), info)
    body: bytes = tostring(alert, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _info(block: Element, info: Info) -> None:
    _put(block, "language", info.language)
    for category in info.categories:
        _put(block, "category", category)
    _put(block, "event", info.event)
    for response in info.responses:
        _put(block, "responseType", response)
    _put(block, "urgency", info.urgency)
    _put(block, "severity", info.severity)
    _put(block, "certainty", info.certainty)
    _put(block, "audience", info.audience)
    _pairs(block, "eventCode", info.codes)
    _put(block, "effective", _time(info.effective))
    _put(block, "onset", _time(info.onset))
    _put(block, "expires", _time(info.expires))
    _put(block, "senderName", info.sender_name)
    _put(block, "headline", info.headline)
    _put(block, "description", info.description)
    _put(block, "instruction", info.instruction)
    _put(block, "web", info.web)
    _put(block, "contact", info.contact)
    _pairs(block, "parameter", info.parameters)
    for resource in info.resources:
        _resource(SubElement(block, "resource"), resource)
    for area in info.areas:
        _area(SubElement(block, "area"), area)


def _resource(block: Element, resource: Resource) -> None:
    _put(block, "resourceDesc", resource.description)
    _put(block, "mimeType", resource.mime_type)
    _put(block, "size", "" if resource.size is None else str(resource.size))
    _put(block, "uri", resource.uri)
    _put(block, "derefUri", resource.data)
    _put(block, "digest", resource.digest)


def _area(block: Element, area: Area) -> None:
    _put(block, "areaDesc", area.description)
    for polygon in area.polygons:
        _put(block, "polygon", " ".join(map(_point, polygon)))
    for circle in area.circles:
        _put(block, "circle", f"{_point(circle.centre)} {_number(circle.radius)}")
    _pairs(block, "geocode", area.geocodes)
    _put(block, "altitude", "" if area.altitude is None else _number(area.altitude))
    _put(block, "ceiling", "" if area.ceiling is None else _number(area.ceiling))


def _put(block: Element, name: str, text: str) -> None:
    if text:
        SubElement(block, name).text = _ILLEGAL.sub("�", text)


def _pairs(block: Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for key, value in pairs:
        pair = SubElement(block, name)
        SubElement(pair, "valueName").text = _ILLEGAL.sub("�", key)
        SubElement(pair, "value").text = _ILLEGAL.sub("�", value)


def _list(items: Iterable[str]) -> str:
    """Space-separated; an item with spaces in it stands in quotation marks."""
    return " ".join(f'"{item}"' if " " in item else item for item in items)


def _time(at: datetime | None) -> str:
    return "" if at is None else instant_text(at)


def _point(point: Point) -> str:
    return f"{_number(point.lat)},{_number(point.lon)}"


def _number(value: float) -> str:
    """Decimals without an exponent; 7 of them are a centimetre on Earth."""
    text = f"{value:.7f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
