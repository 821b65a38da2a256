"""MQTT 5 at QoS 1, by paho: every message is published until the broker says that it has it and that somebody listens.

One thread. The publisher keeps its own list of what is not acknowledged; each connection is a new paho client that
is given that list again, so a broker that restarts or forgets changes nothing but the time it takes.
"""

import time
from collections.abc import Callable, Iterable

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from simulators.ledger import Ledger
from simulators.message import Message
from simulators.settings import MqttSettings

NOBODY = 0x10
"""The broker took the message and threw it away: nobody has subscribed."""
BUSY = (0x83, 0x88, 0x89, 0x97)
"""Refusals that pass: unspecific error of the broker, unavailable, busy, quota exceeded."""
FATAL = (0x81, 0x82, 0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x9D)
"""Answers to a connection that no waiting changes: wrong protocol, identifier, password, or not allowed."""


class PublishError(RuntimeError):
    """The broker will not have it, or was away for too long."""


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Raised out of a wait when the publisher is asked to stop."""


def _nothing(*_: object) -> None:
    """Taken by paho as the sign that an event loop writes: it then queues packets and does not send each at once."""


class Publisher:
    """`send` and `drain` count in `ledger` what the broker acknowledged. `stop` is asked in every wait; when it says
    yes, Stopped is raised. `told` hears, once a cause, why nothing moves."""

    def __init__(self, settings: MqttSettings, stop: Callable[[], bool], told: Callable[[str], None]) -> None:
        self.ledger = Ledger()
        self._settings, self._stop, self._told = settings, stop, told
        self._context = settings.context()
        self._client: paho.Client | None = None
        self._connected = False
        self._answer: ReasonCode | None = None
        self._waiting: dict[int, tuple[int, Message]] = {}  # by message id: number in the order of sending, message
        self._again: list[tuple[int, Message]] = []
        self._fault = ""
        self._number = 0
        self._thrown, self._pause = False, 0.1
        self._window = settings.window

    def send(self, messages: Iterable[Message]) -> None:
        """Publish all, at most a window of them waiting at a time. Raises PublishError, Stopped."""
        for message in messages:
            while len(self._waiting) >= self._window or self._again or not self._connected:
                self._turn()
            self._put(self._number, message)
            self._number += 1
            if self._number % 16 == 0:
                self._spin(0.0)

    def drain(self) -> None:
        """Return when everything sent is acknowledged. Raises PublishError, Stopped."""
        while self._waiting or self._again:
            self._turn()

    def clock(self, at: int, coming: int) -> None:
        """Tell the bridges that all up to `at` is published and that nothing to come is later than `coming` (ms)."""
        self.send([Message(self._settings.clock_topic, f'{{"t":{at},"next":{coming}}}'.encode())])
        self.drain()

    def idle(self, seconds: float) -> None:
        """Keep the connection alive for `seconds`. Raises Stopped, PublishError."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._stop():
                raise Stopped
            if self._connected:
                self._spin(min(left, 0.1))
            else:
                self._turn()

    def settle(self, seconds: float) -> None:
        """Before an orderly stop: give the broker up to `seconds` to acknowledge what it was sent."""
        until = time.monotonic() + seconds
        while self._waiting and self._connected and time.monotonic() < until:
            self._spin(0.1)

    def close(self) -> None:
        if self._client is not None and self._connected:
            self._client.disconnect()
            self._spin(0.0)
        self._drop()

    # what follows keeps the connection and the list of what it owes

    def _put(self, number: int, message: Message) -> None:
        assert self._client is not None
        info = self._client.publish(message.topic, message.payload, qos=1)
        self._waiting[info.mid] = (number, message)

    def _turn(self) -> None:
        """Wait a little for whatever has to come next."""
        if self._stop():
            raise Stopped
        if self._fault:
            raise PublishError(self._fault)
        if not self._connected:
            self._connect()
        elif self._again and not self._waiting:
            if self._thrown:
                self._wait(self._pause)
                self._pause = min(1.0, self._pause * 2.0)
            if self._connected:
                self._resend()
        else:
            self._spin(0.1)

    def _resend(self) -> None:
        """Publish again, in the order of the first time, what was thrown away or was on its way when the connection
        broke; what exceeds the window waits for the next turn. After a message was thrown away the first one goes
        alone, until it is accepted: else the first subscriber would come between two messages of one sensor."""
        self._again.sort(key=lambda owed: owed[0])
        many = 1 if self._thrown else self._window
        now, self._again = self._again[:many], self._again[many:]
        for number, message in now:
            self._put(number, message)

    def _spin(self, timeout: float) -> None:
        client = self._client
        if client is not None and client.loop(timeout) != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._drop()

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop():
            if self._connected:
                self._spin(min(left, 0.05))
            else:
                time.sleep(min(left, 0.05))

    def _drop(self) -> None:
        """The connection is gone: all that it owed is owed by the next one."""
        client, self._client = self._client, None
        self._connected = False
        self._again += self._waiting.values()
        self._waiting.clear()
        if client is not None and (sock := client.socket()) is not None:
            sock.close()

    def _connect(self) -> None:
        settings = self._settings
        begun, pause, said = time.monotonic(), 0.1, False
        while not self._connected:
            if self._stop():
                raise Stopped
            why = self._try()
            if self._connected:
                break
            if self._answer is not None and self._answer.value in FATAL:
                raise PublishError(f"the broker at {settings.host}:{settings.port} refuses the connection: {why}")
            if time.monotonic() - begun > settings.patience:
                raise PublishError(f"no broker at {settings.host}:{settings.port} for {settings.patience:g} s: {why}")
            if not said:
                self._told(f"waiting for the MQTT broker at {settings.host}:{settings.port}: {why}")
                said = True
            self._wait(pause)
            pause = min(2.0, pause * 2.0)

    def _try(self) -> str:
        """One attempt to connect; what went wrong, or an empty text."""
        settings = self._settings
        client = paho.Client(CallbackAPIVersion.VERSION2, settings.client_id, protocol=paho.MQTTv5)
        client.max_inflight_messages_set(settings.window)
        client.on_connect, client.on_publish = self._on_connect, self._on_publish
        client.on_socket_register_write = _nothing
        client.suppress_exceptions = False
        if settings.username:
            client.username_pw_set(settings.username, settings.password.reveal() if settings.password else None)
        if self._context is not None:
            client.tls_set_context(self._context)
        client.connect_timeout = 5.0
        self._answer = None
        self._client = client
        try:
            client.connect(settings.host, settings.port, settings.keepalive, clean_start=True)
        except OSError as error:
            self._drop()
            return str(error)
        until = time.monotonic() + 5.0
        while not self._connected and self._client is not None and self._answer is None and time.monotonic() < until:
            self._spin(0.1)
        if self._connected:
            self._resend()
            return ""
        self._drop()
        return str(self._answer) if self._answer is not None else "it does not answer"

    def _on_connect(
        self, client: paho.Client, userdata: object, flags: paho.ConnectFlags, reason: ReasonCode,
        properties: Properties | None,
    ) -> None:  # fmt: skip
        self._answer = reason
        if reason.is_failure:
            return
        self._connected = True
        granted = getattr(properties, "ReceiveMaximum", self._settings.window)
        self._window = max(1, min(self._settings.window, granted))

    def _on_publish(
        self, client: paho.Client, userdata: object, mid: int, reason: ReasonCode, properties: Properties
    ) -> None:
        owed = self._waiting.pop(mid, None)
        if owed is None:
            return
        if reason.value == 0:
            self.ledger.accept(owed[1])
            self._thrown, self._pause = False, 0.1
        elif reason.value == NOBODY or reason.value in BUSY:
            if not self._thrown:
                self._told(f"the broker answers {reason.value:#04x} ({reason}): publishing again until it changes")
            self._thrown = True
            self._again.append(owed)
        else:
            self._fault = f"the broker refuses a message on {owed[1].topic}: {reason}"
