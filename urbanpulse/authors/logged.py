"""The catalogues that were in force along the log, for who reads it again."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from rules.catalogue import Catalogue
from rules.rule import Where
from rules.shelf import Shelf
from urbanpulse.in_force import catalogue_of


class Logged:
    """What the topic `catalogue` says; each catalogue is read when it is asked for."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.of = cache(self._of)

    def _of(self, name: str) -> Catalogue | None:
        """The one of this hash; None when its text is no longer kept."""
        return catalogue_of(self._shelf, name)

    def at(self, wall: int) -> Catalogue | None:
        """The one that came into force last before a wall time (ms): what holds at the beginning of a log that was
        cut behind its switch."""
        claims = [claim for claim in self._shelf.claims if claim.wall <= wall]
        return self.of(claims[-1].catalogue) if claims else None

    @property
    def newest(self) -> Catalogue | None:
        return next(self.backwards(), None)

    def backwards(self) -> Iterator[Catalogue]:
        """All that can be read, the one in force first."""
        for claim in reversed(self._shelf.claims):
            if (found := self.of(claim.catalogue)) is not None:
                yield found


def narrow(catalogue: Catalogue | None, rule: str, sensor: str, metric: str) -> Catalogue:
    """What of it can say anything about one rule on one series: no rule, when it does not watch it."""
    if catalogue is None or sensor not in catalogue.sensors:
        return Catalogue({}, ())
    watching = [each for each in catalogue.rules_for(sensor, metric) if each.name == rule]
    alone = tuple(replace(each, where=Where(sensor=(sensor,))) for each in watching)
    return replace(catalogue, sensors={sensor: catalogue.sensors[sensor]}, rules=alone)
