"""Is there a Kafka broker that answers? Asked by a request of its protocol: a frozen one still takes connections."""

import socket
import struct

_API_VERSIONS, _CORRELATION = 18, 0x75726270
_CLIENT = b"urbanpulse-probe"
_BODY = struct.pack("!hhih", _API_VERSIONS, 0, _CORRELATION, len(_CLIENT)) + _CLIENT


def answers(address: str, seconds: float = 1.0) -> bool:
    """True when one of the brokers `host:port[,host:port]` answers within `seconds` each."""
    return any(_answers(one.strip(), seconds) for one in address.split(","))


def _answers(address: str, seconds: float) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=seconds) as connection:
            connection.settimeout(seconds)
            connection.sendall(struct.pack("!i", len(_BODY)) + _BODY)
            reply = connection.recv(8)
    except (OSError, ValueError):
        return False
    return reply[4:8] == struct.pack("!i", _CORRELATION)
