"""Ports on the loopback interface: free ones, taken ones, and waiting until somebody listens."""

import socket
import time
from collections.abc import Callable

from urbanpulse.trouble import TroubleError

LOOPBACK = "127.0.0.1"


class PortTakenError(TroubleError):
    """A port that the settings name is in use. The text says what to do."""


def free_port(preferred: int = 0) -> int:
    """`preferred` when nobody has it, else any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, preferred))
        except OSError:
            probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def claim(port: int, key: str, host: str = LOOPBACK, preferred: int = 0) -> int:
    """The port to use for the setting `key`: the one it names, or a free one when it is 0. Raises PortTakenError."""
    if port == 0:
        return free_port(preferred)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            section, _, option = key.partition(".")
            variable = f"URBANPULSE_{section}__{option}".upper()
            raise PortTakenError(
                f"port {port} of {host} cannot be had ({error.strerror}). Stop the program that uses it (`ss -ltnp "
                f"'sport = :{port}'` names it), or set {key} in city.toml, or {variable}=0 for any free port."
            ) from None
    return port


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
