"""The webhook channel: where to and signed by what, as departments.yaml says."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from alerts.channels.port import COMMON, Channel, Surroundings
from alerts.channels.signature import key_of
from alerts.endpoint import EndpointError, Policy, parse_url
from alerts.secrets import SecretSource, parse_sources, resolve
from rules.strict_yaml import Node

REQUIRED = ("kind", "url", "secret")


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """`url` as written. Several `secrets` sign side by side while one is being replaced."""

    url: str
    secrets: tuple[SecretSource, ...]

    def __repr__(self) -> str:
        """Without the path and the query, where some receivers keep a token."""
        return f"WebhookConfig({shown(self.url)}, {len(self.secrets)} secrets)"


def shown(url: str) -> str:
    """A URL as a log may show it: no path, no query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))


def parse(node: Node) -> WebhookConfig | None:
    fields = node.fields(REQUIRED, COMMON)
    return None if fields is None else parse_target(fields)


def parse_target(fields: Mapping[str, Node]) -> WebhookConfig | None:
    """Where to, and the secrets, from the keys `url` and `secret`."""
    url, secrets = fields["url"].text(), parse_sources(fields["secret"])
    if url is not None:
        try:
            # whether this machine and private networks are admitted is a setting, not known here
            parse_url(url, Policy(allow_loopback=True, allow_private=True, ports=frozenset(range(1, 65536))))
        except EndpointError as error:
            fields["url"].fault(str(error))
            return None
    return None if url is None or secrets is None else WebhookConfig(url, secrets)


def build(config: WebhookConfig, surroundings: Surroundings, content_type: str = "application/json") -> Channel:
    """Raises ValueError for a secret that is missing or none."""
    # Not above: who only reads departments.yaml need not carry an HTTP client.
    from alerts.channels.post import Webhook

    endpoint = parse_url(config.url, surroundings.policy)
    keys = []
    for source in config.secrets:
        secret = resolve(source, surroundings.environ, surroundings.folder)
        try:
            keys.append(key_of(secret.reveal()))
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
    verify = ssl.create_default_context(cafile=surroundings.ca_file) if endpoint.scheme == "https" else False
    return Webhook(endpoint, keys, surroundings.policy, verify=verify, content_type=content_type)
