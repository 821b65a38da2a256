"""Series that rules on silence watch and that may never have been seen: registered, and not a word so far."""

from collections.abc import Container, Iterator

from rules.catalogue import Catalogue
from rules.identity import chunk_of
from rules.plans import Plans


class Unseen:
    """Those of one partition under one catalogue, each handed out once: after that its state is what counts."""

    def __init__(self, catalogue: Catalogue, plans: Plans, partition: int, partitions: int) -> None:
        self._plans = plans
        self._metrics = sorted(catalogue.metrics)
        self._sensors: dict[int, list[str]] = {}
        for sensor in catalogue.sensors:
            if (chunk := chunk_of(sensor)) % partitions == partition:
                self._sensors.setdefault(chunk, []).append(sensor)

    def take(self, waiting: Container[int]) -> Iterator[tuple[str, str]]:
        """Sensors and metrics of all chunks that are not `waiting` for their state and were not taken before."""
        for chunk in [chunk for chunk in self._sensors if chunk not in waiting]:
            for sensor in self._sensors.pop(chunk):
                for metric in self._metrics:
                    plan = self._plans.of(sensor, metric)
                    if plan is not None and plan.awaits:
                        yield sensor, metric
