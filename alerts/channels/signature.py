"""The signature of Standard Webhooks 1.0.0, version v1 (HMAC-SHA256)."""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


def key_of(secret: str) -> bytes:
    """The key inside a secret such as `whsec_MfKQ...`.

    Raises ValueError, without showing the secret, when it is not `whsec_` and 24 to 64 bytes in base64.
    """
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a webhook secret is {PREFIX!r} followed by {SHORTEST} to {LONGEST} random bytes in base64")
    return key


def sign(keys: Iterable[bytes], message: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature a key, so that old and new both pass during a rotation.

    `timestamp` is in seconds since 1970. The message id holds no dot: it is what parts the signed text.
    """
    signed = b"%s.%d.%s" % (message.encode(), timestamp, body)
    return " ".join("v1," + b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
