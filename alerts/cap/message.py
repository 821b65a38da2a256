"""A CAP message as values. Whether it may be sent, `alerts.cap.faults` says."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Pairs = tuple[tuple[str, str], ...]


class Point(NamedTuple):
    """WGS 84 degrees. In CAP latitude comes first; in GeoJSON, last."""

    lat: float
    lon: float


class Circle(NamedTuple):
    """Centre and radius in km."""

    centre: Point
    radius: float


class Reference(NamedTuple):
    """An earlier message. `sent` is its time as it was written, for receivers compare the text."""

    sender: str
    identifier: str
    sent: str

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where. A polygon is closed: its last point is its first. Altitude and ceiling in feet above mean sea level."""

    description: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: Pairs = ()
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file that belongs to it: what it is, its media type, and where (or, in base64, what) it is."""

    description: str
    mime_type: str
    size: int | None = None
    uri: str = ""
    data: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """The matter in one language. Times are aware; `codes` and `parameters` are (name, value)."""

    language: str = "en-US"
    categories: tuple[str, ...]
    event: str
    responses: tuple[str, ...] = ()
    urgency: str
    severity: str
    certainty: str
    audience: str = ""
    codes: Pairs = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: Pairs = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `sent` is aware; `references` are the messages that it supersedes or answers."""

    identifier: str
    sender: str
    sent: datetime
    status: str = "Actual"
    type: str = "Alert"
    source: str = ""
    scope: str = "Public"
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
