"""What the registry says of the place where a sensor stands, as far as indices want to know it: the column `site`."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from rules.faults import nearest
from rules.indices.noise_areas import AREAS

LIKE = "such as noise_area=4a, lanes=2, dry=0.15 or air_class=1; several with spaces between"
MOST_LANES = 20
_KEYS = ("noise_area", "lanes", "dry", "air_class")


@dataclass(frozen=True, slots=True)
class Site:
    """`noise_area`: the functional area of GB 3096, or nothing; `lanes`: how many a traffic sensor watches; `dry`: what
    a gauge above a road shows (m) when there is no water, None for a gauge elsewhere; `air_class`: the class of area of
    GB 3095, 1 (parks, reserves) or 2 (where people live and work)."""

    noise_area: str = ""
    lanes: int = 1
    dry: float | None = None
    air_class: int = 2


NOWHERE = Site()


def parse_site(cell: str, fault: Callable[[str], None]) -> Site | None:
    """The site in a cell of the registry. None after a fault."""
    found: dict[str, object] = {}
    sound = True
    for word in cell.split():
        name, _, text = word.partition("=")
        value: object = None
        if name not in _KEYS:
            fault(f"{name[:40]!r} says nothing of a site: {nearest(name, _KEYS)}")
        elif name in found:
            fault(f"{name!r} is there twice")
        elif (value := _value(name, text)) is None:
            fault(f"{name}: {text[:40]!r} is none, {LIKE}")
        sound = sound and value is not None
        found[name] = value
    return Site(**found) if sound else None  # type: ignore[arg-type]


def _value(name: str, text: str) -> object:
    if name == "noise_area":
        return text if text in AREAS else None
    if name == "air_class":
        return int(text) if text in ("1", "2") else None
    if name == "lanes":
        return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_LANES else None
    try:
        number = float(text) if "_" not in text else float("nan")
    except ValueError:
        return None
    return number if isfinite(number) else None
