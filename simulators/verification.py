"""Whether a webhook is genuine, as a receiver finds out: Standard Webhooks 1.0.0, version v1."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from rules.secret import Secret

TOLERANCE_SECONDS = 300


def signature_fault(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """What is wrong with a request by Standard Webhooks 1.0.0; empty when it is genuine. `now` is in seconds."""
    message, sent, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not message or not sent or not signatures:
        return "a webhook header is missing"
    if not (sent.isascii() and sent.isdigit() and len(sent) < 15):
        return "the timestamp is no number of seconds"
    if abs(now - int(sent)) > TOLERANCE_SECONDS:
        return "the timestamp is more than five minutes off"
    expected = hmac.new(key, f"{message}.{int(sent)}.".encode() + body, hashlib.sha256).digest()
    for signature in signatures.split(" "):
        version, _, encoded = signature.partition(",")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            continue
        if version == "v1" and hmac.compare_digest(given, expected):
            return ""
    return "no signature matches"


def key_in(secret: Secret) -> bytes:
    """Raises ValueError, without showing it, when it is no webhook secret."""
    scheme, _, encoded = secret.reveal().partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if scheme != "whsec" or not key:
        raise ValueError("a webhook secret is 'whsec_' and base64")
    return key
