"""The closed lists and the order of elements of CAP 1.2.

The lists are read from its schema; how often an element may stand was compared, element by element, with classes that
others generated from it.
"""

from types import MappingProxyType
from typing import NamedTuple

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"

STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
MESSAGE_TYPE = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPE = ("Public", "Restricted", "Private")
CATEGORY = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
)  # fmt: skip
RESPONSE = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCY = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITY = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTY = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")


class Times(NamedTuple):
    """How often an element stands: at least, at most (None: without end)."""

    least: int
    most: int | None


ONE, MAYBE, SOME, ANY = Times(1, 1), Times(0, 1), Times(1, None), Times(0, None)

# Each block's elements in the order in which the schema wants them.
ALERT = MappingProxyType(
    {
        "identifier": ONE, "sender": ONE, "sent": ONE, "status": ONE, "msgType": ONE, "source": MAYBE, "scope": ONE,
        "restriction": MAYBE, "addresses": MAYBE, "code": ANY, "note": MAYBE, "references": MAYBE, "incidents": MAYBE,
        "info": ANY,
    }
)  # fmt: skip
INFO = MappingProxyType(
    {
        "language": MAYBE, "category": SOME, "event": ONE, "responseType": ANY, "urgency": ONE, "severity": ONE,
        "certainty": ONE, "audience": MAYBE, "eventCode": ANY, "effective": MAYBE, "onset": MAYBE, "expires": MAYBE,
        "senderName": MAYBE, "headline": MAYBE, "description": MAYBE, "instruction": MAYBE, "web": MAYBE,
        "contact": MAYBE, "parameter": ANY, "resource": ANY, "area": ANY,
    }
)  # fmt: skip
RESOURCE = MappingProxyType(
    {"resourceDesc": ONE, "mimeType": ONE, "size": MAYBE, "uri": MAYBE, "derefUri": MAYBE, "digest": MAYBE}
)
AREA = MappingProxyType(
    {"areaDesc": ONE, "polygon": ANY, "circle": ANY, "geocode": ANY, "altitude": MAYBE, "ceiling": MAYBE}
)
PAIR = MappingProxyType({"valueName": ONE, "value": ONE})
