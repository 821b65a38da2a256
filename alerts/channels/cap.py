"""The CAP channel: the alert as a CAP 1.2 message, signed and sent as a webhook is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alerts.cap import CapError, Message, read, vocabulary, write
from alerts.cap.faults import LANGUAGE, NAME
from alerts.cap.matter import Profile, message_of
from alerts.channels import webhook
from alerts.channels.port import COMMON, Channel, Surroundings, Telling
from alerts.message import message_id
from rules.strict_yaml import Node

CONTENT_TYPE = "application/cap+xml"
RADIUS = 1.0
"""Kilometres about a sensor of which the map has no district."""

_LARGEST_RADIUS = 100.0
_PROFILE = ("status", "scope", "restriction", "addresses", "languages", "sender_name", "contact", "web")
_OPTIONAL = (*_PROFILE, "radius", "cap_severity")


@dataclass(frozen=True, slots=True)
class CapConfig:
    """`target`: where to and signed by what. `radius` in km."""

    target: webhook.WebhookConfig
    profile: Profile
    radius: float = RADIUS


def parse(node: Node) -> CapConfig | None:
    fields = node.fields([*webhook.REQUIRED, "sender"], [*COMMON, *_OPTIONAL])
    if fields is None:
        return None
    target, sender = webhook.parse_target(fields), _sender(fields["sender"])
    given: dict[str, object] = {}
    for name, parse_one in _PARSERS.items():
        if name in fields:
            given[name] = parse_one(fields[name])
    if target is None or sender is None or None in given.values():
        return None
    radius = given.pop("radius", RADIUS)
    severities = given.pop("cap_severity", {})
    profile = Profile(sender, severities=severities, **given)  # type: ignore[arg-type]
    return CapConfig(target, profile, float(str(radius))) if _scoped(profile, node, fields) else None


def build(config: CapConfig, surroundings: Surroundings) -> Channel:
    return webhook.build(config.target, surroundings, CONTENT_TYPE)


def compose(config: CapConfig, told: Telling) -> bytes:
    """The message about the alert's newest finding. Its identifier is made of the alert, the revision and the channel's
    name, so it is the same however often it is made."""
    finding = told.alert.finding
    identifier = f"{message_id(told.alert.id, finding.revision)}-{told.endpoint.rpartition('/')[2]}"
    area = told.places.area_of(finding, config.radius)
    return write(message_of(config.profile, finding, identifier, told.now, area, _messages(told.earlier)))


def _messages(bodies: Sequence[bytes]) -> list[Message]:
    """Those that are CAP: the endpoint may have been a plain webhook once."""
    found = []
    for body in bodies:
        try:
            found.append(read(body))
        except CapError:
            continue
    return found


def _scoped(profile: Profile, node: Node, fields: Mapping[str, Node]) -> bool:
    """Whether what goes with the scope is there."""
    if (profile.scope == "Restricted") != bool(profile.restriction):
        fields.get("restriction", node).fault("a restriction goes with scope Restricted, and with no other")
        return False
    if profile.scope == "Private" and not profile.addresses:
        node.fault("scope Private wants addresses", "addresses: [duty-office@example.org], or scope: Public")
        return False
    return True


def _sender(node: Node) -> str | None:
    text = node.text()
    if text is not None and not NAME.fullmatch(text):
        node.fault("no spaces, commas, < or &", "such as alerts@city.example.org")
        return None
    return text


def _languages(node: Node) -> tuple[str, ...] | None:
    found = _texts(node)
    if found is not None and (strange := [each for each in found if not LANGUAGE.fullmatch(each)]):
        node.fault(f"{strange[0][:40]!r} is no language", "tags such as zh-CN and en")
        return None
    return found


def _texts(node: Node) -> tuple[str, ...] | None:
    texts = [each.text() for each in node.one_or_more() or []]
    found = tuple(text for text in texts if text is not None)
    return found if found and len(found) == len(texts) else None


def _radius(node: Node) -> float | None:
    number = node.number()
    if number is not None and not 0 < number <= _LARGEST_RADIUS:
        node.fault(f"kilometres, {_LARGEST_RADIUS:g} at most")
        return None
    return number


def _severities(node: Node) -> dict[str, str] | None:
    entries = node.entries()
    if entries is None:
        return None
    found = {name: each.choice(vocabulary.SEVERITY) for name, each in entries.items()}
    sound = {name: word for name, word in found.items() if word is not None}
    return sound if len(sound) == len(found) else None


_PARSERS: Mapping[str, Callable[[Node], object]] = {
    "status": lambda node: node.choice(vocabulary.STATUS),
    "scope": lambda node: node.choice(vocabulary.SCOPE),
    "restriction": Node.text,
    "addresses": _texts,
    "languages": _languages,
    "sender_name": Node.text,
    "contact": Node.text,
    "web": Node.text,
    "radius": _radius,
    "cap_severity": _severities,
}
