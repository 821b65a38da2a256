"""Ports on the loopback interface: claimed before their servers start, so that no two cities choose the same."""

import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Self

from urbanpulse.trouble import TroubleError

LOOPBACK = "127.0.0.1"


class PortTakenError(TroubleError):
    """A port that the settings name is in use. The text says what to do."""


class Claims:
    """Holds ports until it is left. On Linux a claimed port stays bound, without listening: the server that it is for
    may bind it too, as all servers reuse addresses, but nobody else is given it."""

    def __init__(self) -> None:
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def free(self, preferred: int = 0) -> int:
        """`preferred` when nobody has it, else any free one."""
        try:
            return self._bind(LOOPBACK, preferred)
        except OSError:
            return self._bind(LOOPBACK, 0)

    def take(self, port: int, key: str, host: str = LOOPBACK, preferred: int = 0) -> int:
        """The port for the setting `key`: the one it names, or a free one when it is 0. Raises PortTakenError."""
        if port == 0:
            return self.free(preferred)
        try:
            return self._bind(host, port)
        except OSError as error:
            if _only_lingering(host, port):
                return port
            section, _, option = key.partition(".")
            variable = f"URBANPULSE_{section}__{option}".upper()
            raise PortTakenError(
                f"port {port} of {host} cannot be had ({error.strerror}). Stop the program that uses it (`ss -ltnp "
                f"'sport = :{port}'` names it), or set {key} in city.toml, or {variable}=0 for any free port."
            ) from None

    def _bind(self, host: str, port: int) -> int:
        probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            probe.bind((host, port))  # without reusing: two claims of one port are a conflict
            if sys.platform == "linux":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._held.enter_context(probe)
            found: int = probe.getsockname()[1]
        except OSError:
            probe.close()
            raise
        if sys.platform != "linux":
            probe.close()
        return found


def _only_lingering(host: str, port: int) -> bool:
    """Whether nothing but closed connections of a former server stands in the way."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def wait_listening(port: int, alive: Callable[[], bool], seconds: float = 20.0, host: str = LOOPBACK) -> bool:
    """Waits until somebody listens on `port`; False when `alive` says no, or after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and alive():
        try:
            socket.create_connection((host, port), timeout=0.5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
