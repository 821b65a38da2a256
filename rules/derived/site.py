"""What the registry says of the place where a sensor stands, as far as indices want to know it."""

from dataclasses import dataclass

from rules.sensor import Sensor


@dataclass(frozen=True, slots=True)
class Site:
    """`noise_area`: the functional area of GB 3096, or nothing; `lanes`: how many a traffic sensor watches; `dry`: what
    a gauge above a road shows (m) when there is no water, None for a gauge elsewhere."""

    noise_area: str = ""
    lanes: float = 1.0
    dry: float | None = None


def site_of(sensor: Sensor) -> Site:
    return Site()
