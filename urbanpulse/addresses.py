"""Where the servers of a city are, as urls: which are understood, and what each means."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from urbanpulse.schema import text

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port, and whether the way there is encrypted."""

    host: str
    port: int
    tls: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def mqtt_url(value: object) -> str:
    """`embedded`, mqtt://host:port or mqtts://host:port."""
    url = _url(value, "mqtt", "mqtts")
    if url != EMBEDDED:
        mqtt_address(url)
    return url


def mqtt_address(url: str) -> Address:
    parts = urlsplit(url)
    tls = parts.scheme == "mqtts"
    if not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError(f"mqtt://host:port is wanted, not {url!r}")
    return Address(parts.hostname, parts.port or (8883 if tls else 1883), tls)


def kafka_url(value: object) -> str:
    """`embedded`, or host:port of one broker or of several, separated by commas."""
    url = text(value)
    if url == EMBEDDED:
        return url
    for server in url.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or "/" in host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f'"embedded" or "host:port" is wanted, not {value!r}')
    return url.replace(" ", "")


def store_url(value: object) -> str:
    """`embedded`, sqlite:///path or influx+http(s)://host:port/?org=o&bucket=b."""
    return _url(value, "sqlite", "influx+http", "influx+https")


def alerts_url(value: object) -> str:
    """`embedded`, sqlite:///path or postgresql+psycopg://user@host/database."""
    return _url(value, "sqlite", "postgresql+psycopg")


def _url(value: object, *schemes: str) -> str:
    url = text(value)
    if url == EMBEDDED:
        return url
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"{value!r} is not a url ({error})") from None
    if parts.scheme not in schemes:
        raise ValueError(f'"embedded" or a url with {" or ".join(f"{s}://" for s in schemes)} is wanted, not {value!r}')
    if parts.password:
        raise ValueError("a url must not hold a password: name a file that holds it, or use the environment")
    if parts.scheme != "sqlite" and not parts.hostname:
        raise ValueError(f"{value!r} names no host")
    return url
