"""The Common Alerting Protocol 1.2 (OASIS, 2010): messages as values, written to XML and read from it."""

from alerts.cap.compose import Words, bilingual, cancel, polygon, update
from alerts.cap.faults import CapError, faults
from alerts.cap.message import Area, Circle, Info, Message, Point, Reference, Resource
from alerts.cap.read import read
from alerts.cap.write import write

__all__ = [
    "Area",
    "CapError",
    "Circle",
    "Info",
    "Message",
    "Point",
    "Reference",
    "Resource",
    "Words",
    "bilingual",
    "cancel",
    "faults",
    "polygon",
    "read",
    "update",
    "write",
]
