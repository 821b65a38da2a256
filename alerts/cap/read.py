"""XML of strangers to a message: no entities, no DTD, nothing but what the schema has, in its order."""

import re
from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from alerts.cap import vocabulary as cap
from alerts.cap.faults import CapError, faults
from alerts.cap.instant import instant_of
from alerts.cap.message import Area, Circle, Info, Message, Point, Reference, Resource

LONGEST = 1 << 20
_ITEM = re.compile(r'"([^"]*)"|(\S+)')
_MARK = f"{{{cap.NAMESPACE}}}"


def read(data: bytes) -> Message:
    """Raises CapError, and nothing else, for what is no valid CAP 1.2 of at most 1 MiB.

    An XML signature on the alert is skipped, not verified.
    """
    if len(data) > LONGEST:
        raise CapError([f"{len(data)} bytes, {LONGEST} at most"])
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise CapError([f"no XML that we read: {error}"]) from error
    if root.tag != f"{_MARK}alert":
        raise CapError([f"not an alert of {cap.NAMESPACE}: {root.tag[:80]!r}"])
    for signature in root.findall(f"{{{cap.SIGNATURE}}}*"):
        root.remove(signature)
    message = _message(_Block(root, "alert", cap.ALERT))
    if reasons := faults(message):
        raise CapError(reasons)
    return message


class _Block:
    """The children of one element, counted and in order, by name."""

    def __init__(self, element: Element, where: str, shape: Mapping[str, cap.Times]) -> None:
        self.where, order = where, list(shape)
        self._found: dict[str, list[Element]] = {name: [] for name in shape}
        before = 0
        for child in element:
            name = str(child.tag).removeprefix(_MARK)
            if name not in shape:
                raise CapError([f"{where}: there is no element {name[:80]!r} in it"])
            if order.index(name) < before:
                raise CapError([f"{where}: {name} stands too late"])
            before = order.index(name)
            self._found[name].append(child)
        for name, (least, most) in shape.items():
            count = len(self._found[name])
            if count < least or (most is not None and count > most):
                raise CapError([f"{where}: {count} times {name}"])

    def texts(self, name: str) -> tuple[str, ...]:
        """Raises CapError for an element that holds others."""
        for child in self._found[name]:
            if len(child):
                raise CapError([f"{self.where}.{name}: a text was expected"])
        return tuple((child.text or "").strip() for child in self._found[name])

    def text(self, name: str) -> str:
        return next(iter(self.texts(name)), "")

    def time(self, name: str) -> datetime | None:
        text = self.text(name)
        try:
            return instant_of(text) if text else None
        except ValueError as error:
            raise CapError([f"{self.where}.{name}: {error}"]) from error

    def number(self, name: str) -> float | None:
        text = self.text(name)
        return _number(f"{self.where}.{name}", text) if text else None

    def blocks(self, name: str, shape: Mapping[str, cap.Times]) -> "list[_Block]":
        return [_Block(child, f"{self.where}.{name}[{n}]", shape) for n, child in enumerate(self._found[name])]

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        return tuple((pair.text("valueName"), pair.text("value")) for pair in self.blocks(name, cap.PAIR))


def _message(block: _Block) -> Message:
    sent = block.time("sent")
    if sent is None:
        raise CapError(["alert.sent: empty"])
    return Message(
        identifier=block.text("identifier"),
        sender=block.text("sender"),
        sent=sent,
        status=block.text("status"),
        type=block.text("msgType"),
        source=block.text("source"),
        scope=block.text("scope"),
        restriction=block.text("restriction"),
        addresses=_list(block.text("addresses")),
        codes=block.texts("code"),
        note=block.text("note"),
        references=tuple(map(_reference, block.text("references").split())),
        incidents=_list(block.text("incidents")),
        infos=tuple(map(_info, block.blocks("info", cap.INFO))),
    )


def _info(block: _Block) -> Info:
    return Info(
        language=block.text("language") or "en-US",
        categories=block.texts("category"),
        event=block.text("event"),
        responses=block.texts("responseType"),
        urgency=block.text("urgency"),
        severity=block.text("severity"),
        certainty=block.text("certainty"),
        audience=block.text("audience"),
        codes=block.pairs("eventCode"),
        effective=block.time("effective"),
        onset=block.time("onset"),
        expires=block.time("expires"),
        sender_name=block.text("senderName"),
        headline=block.text("headline"),
        description=block.text("description"),
        instruction=block.text("instruction"),
        web=block.text("web"),
        contact=block.text("contact"),
        parameters=block.pairs("parameter"),
        resources=tuple(map(_resource, block.blocks("resource", cap.RESOURCE))),
        areas=tuple(map(_area, block.blocks("area", cap.AREA))),
    )


def _resource(block: _Block) -> Resource:
    size = block.number("size")
    return Resource(
        description=block.text("resourceDesc"),
        mime_type=block.text("mimeType"),
        size=None if size is None else int(size),
        uri=block.text("uri"),
        data=block.text("derefUri"),
        digest=block.text("digest"),
    )


def _area(block: _Block) -> Area:
    return Area(
        description=block.text("areaDesc"),
        polygons=tuple(tuple(_point(block, pair) for pair in text.split()) for text in block.texts("polygon")),
        circles=tuple(_circle(block, text) for text in block.texts("circle")),
        geocodes=block.pairs("geocode"),
        altitude=block.number("altitude"),
        ceiling=block.number("ceiling"),
    )


def _circle(block: _Block, text: str) -> Circle:
    centre, _, radius = text.partition(" ")
    return Circle(_point(block, centre), _number(f"{block.where}.circle", radius))


def _point(block: _Block, pair: str) -> Point:
    lat, _, lon = pair.partition(",")
    return Point(_number(block.where, lat), _number(block.where, lon))


def _number(where: str, text: str) -> float:
    try:
        value = float(text)
        if value - value == 0:  # neither NaN nor an infinity
            return value
    except ValueError:
        pass
    raise CapError([f"{where}: {text[:40]!r} is no number"])


def _reference(text: str) -> Reference:
    parts = text.split(",")
    if len(parts) != 3:
        raise CapError([f"alert.references: {text[:80]!r} is not sender,identifier,sent"])
    return Reference(*parts)


def _list(text: str) -> tuple[str, ...]:
    return tuple(quoted or bare for quoted, bare in _ITEM.findall(text))
