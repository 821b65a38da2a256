"""A CAP 1.2 message as a receiver reads it, with code of its own: what it is, and what no receiver should accept."""

import re
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

_NS = "{urn:oasis:names:tc:emergency:cap:1.2}"
_TIME = re.compile(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}[-+]\d\d:\d\d")
_ALERT = ("identifier", "sender", "sent", "status", "msgType", "scope")
_INFO = ("category", "event", "urgency", "severity", "certainty")
_LISTS = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}


def is_cap(body: bytes) -> bool:
    """Whether it looks like XML at all: webhooks are JSON."""
    return body.lstrip().startswith(b"<")


def cap_fault(body: bytes) -> str:
    """What is wrong with it, empty for a message that can be taken."""
    try:
        root: Any = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        return f"no XML: {error}"[:200]
    if root.tag != f"{_NS}alert":
        return "no alert of CAP 1.2"
    for name in _ALERT:
        if not _text(root, name):
            return f"no {name}"
    if not _TIME.fullmatch(_text(root, "sent")):
        return "sent is no time of CAP"
    if (_text(root, "msgType") in ("Update", "Cancel")) != bool(_references(root)):
        return "an Update or Cancel refers to earlier messages, an Alert to none"
    for info in root.findall(f"{_NS}info"):
        for name in _INFO:
            if not _text(info, name):
                return f"an info without {name}"
        for polygon in info.iter(f"{_NS}polygon"):
            points = (polygon.text or "").split()
            if len(points) < 4 or points[0] != points[-1] or not all(map(_place, points)):
                return "a polygon that is not closed, or not latitude,longitude"
    for name, allowed in _LISTS.items():
        for element in root.iter(_NS + name):
            if (element.text or "") not in allowed.split():
                return f"{name} is {element.text!r}"[:100]
    return ""


def cap_words(body: bytes) -> list[str]:
    """What a person wants to see of a sound message."""
    root: Any = fromstring(body, forbid_dtd=True)
    words = [f"CAP {_text(root, 'msgType')}", _text(root, "identifier")]
    for info in root.findall(f"{_NS}info"):
        words += [_text(info, "severity"), _text(info, "headline")]
    return words


def _text(element: Any, name: str) -> str:
    return (element.findtext(_NS + name) or "").strip()


def _references(root: Any) -> list[str]:
    return [each for each in _text(root, "references").split() if each.count(",") == 2]


def _place(point: str) -> bool:
    try:
        lat, lon = map(float, point.split(","))
    except ValueError:
        return False
    return -90 <= lat <= 90 and -180 <= lon <= 180
