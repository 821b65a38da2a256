"""The MQTT broker of a deployment, as a publisher is told of it."""

from pathlib import Path

from simulators.settings import MqttSettings
from urbanpulse.deployment import Deployment


def mqtt_server(here: Deployment, client_id: str = "urbanpulse-simulator") -> MqttSettings:
    endpoints, settings = here.endpoints, here.settings.mqtt
    return MqttSettings(
        host=endpoints.mqtt_host,
        port=endpoints.mqtt_port,
        tls=endpoints.mqtt_tls,
        username=settings.username,
        password=settings.password,
        ca_file=Path(endpoints.origin) / settings.ca_file if settings.ca_file else None,
        client_id=client_id,
    )
