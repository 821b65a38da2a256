"""What the schema of CAP 1.2 says, written down a second time: blocks, closed lists and the patterns of values."""

import re
from xml.etree import ElementTree

NS = "{urn:oasis:names:tc:emergency:cap:1.2}"

# Name, at least, at most. None: any number.
ORDER: dict[str, list[tuple[str, int, int | None]]] = {
    "alert": [
        ("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1), ("source", 0, 1),
        ("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, None), ("note", 0, 1),
        ("references", 0, 1), ("incidents", 0, 1), ("info", 0, None),
    ],
    "info": [
        ("language", 0, 1), ("category", 1, None), ("event", 1, 1), ("responseType", 0, None), ("urgency", 1, 1),
        ("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, None), ("effective", 0, 1),
        ("onset", 0, 1), ("expires", 0, 1), ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1),
        ("instruction", 0, 1), ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, None), ("resource", 0, None),
        ("area", 0, None),
    ],
    "area": [
        ("areaDesc", 1, 1), ("polygon", 0, None), ("circle", 0, None), ("geocode", 0, None), ("altitude", 0, 1),
        ("ceiling", 0, 1),
    ],
    "resource": [("resourceDesc", 1, 1), ("mimeType", 1, 1), ("size", 0, 1),
                 ("uri", 0, 1), ("derefUri", 0, 1), ("digest", 0, 1)],
}  # fmt: skip
ENUMS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
    },
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip

PAIRS = ("eventCode", "parameter", "geocode")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_POINT = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
PATTERNS = {
    **dict.fromkeys(("sent", "effective", "onset", "expires"), _TIME),
    "polygon": re.compile(rf"{_POINT}( {_POINT}){{3,}}"),
    "circle": re.compile(rf"{_POINT} \d+(\.\d+)?"),
    **dict.fromkeys(("identifier", "sender"), re.compile(r"[^\s,<&]+")),
    "references": re.compile(r"[^\s,]+,[^\s,]+,[^\s,]+( [^\s,]+,[^\s,]+,[^\s,]+)*"),
}


def conforms(data: bytes) -> None:
    """Fails unless every block has its elements in order and number, every closed list is kept, and every value has
    its pattern."""
    root = ElementTree.fromstring(data)
    assert root.tag == f"{NS}alert"
    for element in root.iter():
        name = element.tag.removeprefix(NS)
        assert "{" not in name
        text = element.text or ""
        if name in ENUMS:
            assert text in ENUMS[name]
        if name in PATTERNS:
            assert PATTERNS[name].fullmatch(text), f"{name}: {text}"
        if name == "polygon":
            assert text.split(" ")[0] == text.split(" ")[-1], "closed"
        if name in PAIRS:
            assert [child.tag.removeprefix(NS) for child in element] == ["valueName", "value"]
        if name in ORDER:
            children = [child.tag.removeprefix(NS) for child in element]
            names = [one for one, _, _ in ORDER[name]]
            assert sorted(children, key=names.index) == children
            for one, least, most in ORDER[name]:
                assert least <= children.count(one) <= (most or len(children))
