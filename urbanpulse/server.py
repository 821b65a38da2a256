"""The MQTT broker of a deployment, as a publisher is told of it."""

from pathlib import Path

from simulators.settings import MqttSettings
from urbanpulse.deployment import Deployment


def mqtt_server(here: Deployment, client_id: str = "urbanpulse-simulator") -> MqttSettings:
    """As [simulator] is known to it, or as [mqtt] when that section names nobody."""
    endpoints, settings = here.endpoints, here.settings.mqtt
    user = here.settings.simulator if here.settings.simulator.username else settings
    return MqttSettings(
        host=endpoints.mqtt_host,
        port=endpoints.mqtt_port,
        tls=endpoints.mqtt_tls,
        username=user.username,
        password=user.password,
        ca_file=Path(endpoints.origin) / settings.ca_file if settings.ca_file else None,
        client_id=client_id,
    )
