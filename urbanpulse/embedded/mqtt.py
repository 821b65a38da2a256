"""The embedded MQTT broker: rumqttd inside the wheel `iotcore`, on the loopback interface.

It speaks MQTT 5 and 3.1.1 on one port each, keeps nothing across a restart and has no access control: for trials.
"""

import logging
import os
from pathlib import Path

from urbanpulse.ports import LOOPBACK

MAX_PAYLOAD = 1 << 20
"""Far above the 64 KiB that ingest takes, so that a message too large is refused with a code and not cut off."""

# Each subscription's log is kept in memory, whether read or not, up to segment size x count; a bridge that falls
# further behind loses the oldest. 128 MiB are about 700,000 messages.
_CONFIG = """\
id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = {segment}
max_segment_count = 16
"""

_LISTENER = """
[{version}.1]
name = "{version}"
listen = "{host}:{port}"
next_connection_delay_ms = 1

[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = {payload}
max_inflight_count = 100
dynamic_filters = true
"""


def config(port5: int, port3: int) -> str:
    """The broker's TOML. Its real window is 100 messages, whatever a client's ReceiveMaximum says; without the
    short connection delay a reconnecting city of thousands waits for minutes."""
    text = _CONFIG.format(segment=8 << 20)
    for version, port in (("v4", port3), ("v5", port5)):
        text += _LISTENER.format(version=version, host=LOOPBACK, port=port, payload=MAX_PAYLOAD)
    return text


def serve(config_file: Path) -> None:
    """Runs the broker in this process; it has no shutdown of its own, so a signal ends it."""
    from iotcore.iotcore import IotCoreBroker

    level = os.environ.get("IOTCORE_LOG_LEVEL", "WARNING").upper()
    # Its routing spans come out as one ERROR record a packet unless this logger is closed.
    logging.getLogger("rumqttd").setLevel(logging.DEBUG if level == "DEBUG" else logging.CRITICAL)
    IotCoreBroker(config_path=str(config_file)).run_forever()
