"""What `urbanpulse up` says at its start: one screenful."""

from urbanpulse.deployment import Deployment


def text(deployment: Deployment, playing: str) -> str:
    """Where the board is, what runs where, what is kept, and two things to try."""
    endpoints, run, city = deployment.endpoints, deployment.run, deployment.settings.city.name
    mqtt = f"{endpoints.mqtt_host}:{endpoints.mqtt_port} (MQTT 5)"
    if endpoints.mqtt_plain:
        mqtt += f", {endpoints.mqtt_host}:{endpoints.mqtt_plain} (MQTT 3.1.1)"
    kept = "this folder: readings, alerts, logs; earlier runs beside it stay readable"
    if endpoints.embedded:
        kept += f".\n            The embedded {' and '.join(endpoints.embedded)} keep nothing when the city stops"
    return f"""
{city} is up.

  board     {endpoints.console}
  MQTT      {mqtt}
  Kafka     {endpoints.kafka}
  playing   {playing}
  run       {run.folder}
            {kept}.

  Publish a reading of your own:    ./city send air-centre-01 pm25 400
  See why a reading was refused:    ./city send air-centre-01 pm25 -5 && ./city refused
  What runs, and is all accounted:  ./city status && ./city account

Ctrl-C stops everything in order.
"""
