"""The bridge's connection to the MQTT broker, by paho-mqtt. The only file that imports it.

Driven from one thread, without paho's own loop: `read`, `acknowledge`, `publish`, `keep`, `flush`.
"""

import logging
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.mqtt_wire import READ, Receiver, Wire
from ingest.settings import MqttSettings

log = logging.getLogger("ingest.mqtt")

_TAKEN_OVER = 0x8E
_CONNECT_SECONDS = 5.0
_BRIEF_SECONDS, _SUSPICIOUS = 10.0, 4


class _Client(Client):
    """paho with a Wire for a socket. `_create_socket` is the one private name of paho that we use."""

    receive: Receiver

    def _create_socket(self) -> Any:
        sock: Any = super()._create_socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or acks wait for the broker's delayed TCP ACK
        # With a backlog mosquitto sends whatever the buffers take, and all of that comes again after a lost connection.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ)
        return Wire(sock, self.receive)


class Link:
    """A persistent MQTT 5 session under the client id `name`, subscribed to `filters` at QoS 1.

    `connected`: it may publish. `listening`: the broker has taken the subscription too, so that what is published from
    now on comes here. `lost` is called when a connection has ended. `failure`, once it is not empty, says why it makes
    no sense to go on.
    """

    def __init__(
        self, settings: MqttSettings, name: str, filters: Sequence[str], receive: Receiver, lost: Callable[[], None]
    ) -> None:
        self._settings, self._name, self._filters, self._lost = settings, name, tuple(filters), lost
        self.connected = self.listening = False
        self.failure = ""
        self._said_away = self._leaving = False
        self._since, self._brief = 0.0, 0
        client = self._client = _Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5, manual_ack=True, reconnect_on_failure=False
        )
        client.receive = receive
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_socket_register_write = _wait_for_flush
        client.suppress_exceptions = True  # a fault in a callback is logged, the connection goes on
        client.enable_logger(logging.getLogger("ingest.mqtt.paho"))
        client.connect_timeout = _CONNECT_SECONDS
        if settings.username:
            client.username_pw_set(settings.username, settings.password.reveal() if settings.password else None)
        if settings.tls:
            client.tls_set(settings.ca_file or None, settings.cert_file or None, settings.key_file or None)
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        asked.SessionExpiryInterval = settings.session_expiry
        asked.ReceiveMaximum = settings.receive_maximum
        client.connect_async(
            settings.host, settings.port, keepalive=settings.keepalive, clean_start=False, properties=asked
        )

    # -- the turn of the loop

    @property
    def wire(self) -> Wire | None:
        """The connection now, to `select` on."""
        wire: Any = self._client.socket()
        return wire if isinstance(wire, Wire) else None

    def connect(self) -> bool:
        """Try once; True when there is a connection on which the broker's answer can be awaited."""
        try:
            self._client.reconnect()
        except (OSError, ValueError) as error:  # ssl's errors are OSErrors; ValueError: a host name that is none
            self._away(str(error))
            return False
        self.flush()
        return True

    def read(self) -> None:
        """Read once; `receive` is called for each message. Raises what `receive` raises."""
        self.expire()
        wire = self.wire
        if wire is None:
            return
        if not wire.ended:
            wire.fill()
        while wire.for_paho and self.wire is wire:
            self._client.loop_read()

    def expire(self) -> None:
        """End a connection on which the broker has heard nothing for one and a half keepalives: it has closed it.

        Megabytes may still lie in the socket after a freeze or an outage of Kafka. All that comes again, so to read
        it would only double it.
        """
        wire = self.wire
        if wire is not None and time.monotonic() - wire.spoke_at > 1.5 * self._settings.keepalive:
            wire.ended = True

    def acknowledge(self, mids: Iterable[int]) -> None:
        if (wire := self.wire) is not None:
            wire.acknowledge(mids)

    def publish(self, topic: str, payload: bytes) -> None:
        """At QoS 1. Without a connection nothing is published, now or later."""
        if self.connected:
            self._client.publish(topic, payload, qos=1)

    def keep(self) -> None:
        """About once a second: keepalive, and an end to a connection on which nobody answers."""
        self._client.loop_misc()

    def flush(self) -> None:
        if self.wire is not None and self._client.want_write():
            self._client.loop_write()
        if (wire := self.wire) is not None:
            wire.flush()

    def disconnect(self) -> None:
        """Say goodbye; the broker keeps the session."""
        self._leaving = True
        self._client.disconnect()

    # -- what paho tells

    def _on_connect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._away(f"refused: {reason}")
            return
        log.info("mqtt connected as %s, session %s", self._name, "kept" if flags.session_present else "new")
        self._said_away = False
        # Again at each connect, as a broker may have lost it. A retained message comes with a new subscription only.
        options = SubscribeOptions(qos=1, retainHandling=1)
        client.subscribe([(one, options) for one in self._filters])
        self.connected, self._since = True, time.monotonic()

    def _on_subscribe(self, client: Client, userdata: Any, mid: int, reasons: Any, properties: Any) -> None:
        refused = [f"{one}: {reason}" for one, reason in zip(self._filters, reasons, strict=False) if reason.is_failure]
        if refused:
            self.failure = f"the MQTT broker refuses our subscription to {'; '.join(refused)}"
        self.listening = not refused

    def _on_disconnect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        """paho may tell it twice."""
        if reason.value == _TAKEN_OVER:
            self.failure = f"another client has connected to MQTT as {self._name}: two bridges with one id"
        if not self._leaving:
            self._away(str(reason))
        if self.connected:
            self._brief = self._brief + 1 if time.monotonic() - self._since < _BRIEF_SECONDS else 0
            if self._brief == _SUSPICIOUS:  # mosquitto closes the older of two without a word
                log.error(
                    "mqtt: %d connections in a row were cut at once: is another client %s?", _SUSPICIOUS, self._name
                )
        self.connected = self.listening = False
        self._lost()

    def _away(self, why: str) -> None:
        if not self._said_away:
            log.warning("mqtt away: %s; trying again until it is back", why)
            self._said_away = True


def _wait_for_flush(client: Any, userdata: Any, sock: Any) -> None:
    """With this set, paho does not write each packet at once; `flush` does it, once a turn."""
