"""The device contract (docs/devices.md): topic and payload to readings or refusals. Pure; time is an argument."""

from collections.abc import Mapping

from ingest import careful, fast, fiware
from ingest.reading import Outcome
from ingest.routes import Routes
from ingest.senml import read as senml
from rules.refusal import Refusal
from rules.sensor import Sensor


class Contract:
    """The registry, ready to read messages."""

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        self._routes = Routes(sensors)

    def read(self, topic: str | bytes, payload: bytes, earliest: int, latest: int) -> Outcome:
        """What a message yields; readings before `earliest` or after `latest` (ms, both allowed) are refused.

        SenML (RFC 8428) and entities of the Smart Data Models are read as well.

        Never raises, whatever the bytes. A message with one bad value of five yields four readings and one refusal.
        """
        route = self._routes.find(topic if isinstance(topic, bytes) else topic.encode("utf-8", "surrogatepass"))
        if isinstance(route, Refusal):
            return Outcome((), (route,))
        readings = fast.read(route, self._routes.devices, payload, earliest, latest)
        if readings is not None:
            return Outcome(readings, ())
        if senml.is_senml(payload):
            return senml.read(route, self._routes.devices, payload, earliest, latest)
        if fiware.is_fiware(payload):
            return fiware.read(route, self._routes.devices, payload, earliest, latest)
        return careful.read(route, self._routes.devices, payload, earliest, latest)
