"""What the routes share: the ports, the look, the live feed and the clock, built once at start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import unquote

from fastapi import Depends
from starlette.requests import Request

from console.assets import Asset
from console.events import Feed
from console.pages.frame import Look
from console.ports import CityPort, DeskPort, StorePort
from console.pulse import PulseReader
from console.query import NAME_LIMIT

OFFICER = "duty officer"
COOKIE = "officer"


@dataclass(frozen=True, slots=True)
class Console:
    store: StorePort
    desk: DeskPort
    city: CityPort
    pulse: PulseReader
    look: Look
    feed: Feed
    assets: dict[str, Asset]
    now: Callable[[], int]

    def severities(self) -> list[str]:
        """Every severity that a rule names, in the order of the rules."""
        return list(dict.fromkeys(name for rule in self.city.rules for name, _ in rule.levels))

    def departments(self) -> list[str]:
        own = (sensor.department for sensor in self.city.sensors.values())
        told = (name for rule in self.city.rules for name in rule.notify)
        return sorted({*own, *told})


def _console(request: Request) -> Console:
    return cast(Console, request.app.state.console)


Shared = Annotated[Console, Depends(_console)]


def officer_name(raw: str) -> str:
    """A name as a person typed it, on one line and not too long; the default when nothing is left."""
    name = " ".join("".join(c if c.isprintable() else " " for c in raw).split())
    return name[:NAME_LIMIT].strip() or OFFICER


def officer(request: Request) -> str:
    """Who acknowledged last from this browser."""
    return officer_name(unquote(request.cookies.get(COOKIE, "")))
