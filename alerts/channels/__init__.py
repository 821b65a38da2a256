"""Ways to tell a department. The table is the only place that names them all."""

from collections.abc import Mapping

from alerts.channels import cap, log, webhook
from alerts.channels.port import Kind

CHANNELS: Mapping[str, Kind] = {
    "webhook": Kind(webhook.parse, webhook.build),
    "cap": Kind(cap.parse, cap.build, cap.compose),
    "log": Kind(log.parse, log.build),
}
