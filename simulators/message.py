"""One MQTT message of a simulated or recorded city, and what the city must make of it."""

from typing import NamedTuple


class Message(NamedTuple):
    """`readings`: what must be accepted from it, as (sensor, ts, metrics); `refusals`: what must be refused, as
    (code, index), index -1 for the message as a whole."""

    topic: str
    payload: bytes
    readings: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    refusals: tuple[tuple[str, int], ...] = ()


class Step(NamedTuple):
    """The messages of one stretch of time up to `end` (ms), and the end of the stretch after it."""

    end: int
    next: int
    messages: list[Message]
