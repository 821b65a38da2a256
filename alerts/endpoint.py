"""Where a webhook may go. A URL is written by a person and resolved by a stranger's name server: both are checked.

The check has two halves. `parse_url` is offline and reads the text. `admit` sees every address that the name
resolved to, at the moment of connecting, and the connection is made to an address it admitted: the name is never
resolved again, so it cannot answer "public" to the check and "private" to the connection.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""A city hall's own networks: allowed by `allow_private`."""

NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",  # link-local, and where clouds keep their credentials
        "224.0.0.0/3",
        "192.0.0.0/24",
        "198.18.0.0/15",
        "::/128",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        # addresses that carry an IPv4 address inside, which the rules above would not see
        "::ffff:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_TARGET = re.compile(r"[!-~]*")


class EndpointError(ValueError):
    """A URL or an address that no webhook is sent to, and why."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`allow_loopback` admits this machine, by http as well; `allow_private` admits private networks, by https.
    `ports` are those admitted elsewhere than on this machine, so that no webhook talks to a mail server."""

    allow_loopback: bool = False
    allow_private: bool = False
    ports: frozenset[int] = frozenset({443, 8443})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked URL, in pieces: nothing parses its text a second time and comes to another host. `target`, path and
    query, is not shown: some receivers keep a token there."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def authority(self) -> str:
        """The header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def parse_url(text: str, policy: Policy) -> Endpoint:
    """The endpoint in a URL. Raises EndpointError; opens no connection and asks no name server."""
    if not _TARGET.fullmatch(text) or "\\" in text:
        raise EndpointError("a URL has no spaces, backslashes or characters outside ASCII (write punycode, %-escapes)")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its text may quote a password
        raise EndpointError("not a URL, or not a port") from None
    if "@" in parts.netloc or "#" in text:
        raise EndpointError("a URL holds no user, password or fragment")
    host = (parts.hostname or "").removesuffix(".")
    scheme = parts.scheme
    if scheme not in ("https", "http"):
        raise EndpointError(f"the scheme is https, not {scheme or 'missing'!r}")
    port = port if port is not None else {"https": 443, "http": 80}[scheme]
    literal = _literal(host)
    local = host == "localhost" or (literal is not None and literal.is_loopback)
    if scheme == "http" and not local:
        raise EndpointError("http is for this machine only: use https")
    if local and not policy.allow_loopback:
        raise EndpointError("it is this machine, which the setting allow_loopback would admit")
    if not local and port not in policy.ports:
        raise EndpointError(f"port {port} is not one of {', '.join(map(str, sorted(policy.ports)))}")
    if literal is not None:
        admit([str(literal)], scheme, policy)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(scheme, host, port, target)


def _literal(host: str) -> Address | None:
    """The address that a host is, or None when it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if not _HOST.fullmatch(host):
        raise EndpointError(f"{host!r} is not a host name")
    # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to a resolver: an address is written in its usual form or not
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise EndpointError(f"{host!r} is neither a name nor an address in its usual form")
    return None


def admit(addresses: Iterable[str], scheme: str, policy: Policy) -> list[str]:
    """The addresses, every one of them admitted. One bad address refuses all: a name with a public and a private
    one is an attack or a mistake. Raises EndpointError, also when there are none.
    """
    admitted = []
    for text in addresses:
        try:
            address = ip_address(text)
        except ValueError:  # such as an address with a zone, fe80::1%eth0
            raise EndpointError(f"{text} is not a plain address") from None
        reason = _refusal(address, scheme, policy)
        if reason:
            raise EndpointError(f"{address} {reason}")
        admitted.append(str(address))
    if not admitted:
        raise EndpointError("the name has no address")
    return admitted


def _refusal(address: Address, scheme: str, policy: Policy) -> str:
    if address.is_loopback:
        return "" if policy.allow_loopback else "is this machine"
    if scheme != "https":
        return "is not this machine, and http is for this machine only"
    if any(address in network for network in NEVER):
        return "is a reserved address"
    if any(address in network for network in PRIVATE):
        return "" if policy.allow_private else "is in a private network"
    return "" if address.is_global else "is a reserved address"
