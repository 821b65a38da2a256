"""The life of a matter in messages: the first, its updates, its end; and the same matter in two languages."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from alerts.cap.instant import instant_text
from alerts.cap.message import Info, Message, Point, Reference
from rules.finding import Change


class Words(NamedTuple):
    """What a reader is told, in one language."""

    event: str
    headline: str
    description: str
    instruction: str = ""
    sender_name: str = ""
    area: str = ""


def bilingual(words: Mapping[str, Words], common: Info) -> tuple[Info, ...]:
    """One info block for each language tag, in the order given; whatever is not words is `common`'s and the same in
    all. Where a language has its own name for the area, that takes the place of the areas' descriptions."""
    return tuple(
        replace(
            common,
            language=language,
            event=told.event,
            headline=told.headline,
            description=told.description,
            instruction=told.instruction,
            sender_name=told.sender_name or common.sender_name,
            areas=tuple(replace(area, description=told.area or area.description) for area in common.areas),
        )
        for language, told in words.items()
    )


def polygon(ring: Iterable[tuple[float, float]]) -> tuple[Point, ...]:
    """A ring of GeoJSON, (longitude, latitude), as CAP's (latitude, longitude), closed if it is not."""
    points = tuple(Point(lat, lon) for lon, lat in ring)
    return points if not points or points[0] == points[-1] else (*points, points[0])


def update(before: Message, identifier: str, sent: datetime, infos: tuple[Info, ...], note: str = "") -> Message:
    """What takes the place of `before` and of all that it took the place of."""
    return replace(
        before,
        identifier=identifier,
        sent=sent,
        type="Update",
        infos=infos,
        note=note,
        references=(*before.references, _reference(before)),
    )


def cancel(before: Message, identifier: str, sent: datetime, note: str) -> Message:
    """The end of `before` and of all that it took the place of; `note` says why. Raises ValueError without a reason.

    Its info blocks stay, so that a receiver that shows only these knows what has ended; they say so themselves.
    """
    if not note.strip():
        raise ValueError("a message is cancelled for a reason")
    over = tuple(replace(info, urgency="Past", responses=("AllClear",)) for info in before.infos)
    return replace(update(before, identifier, sent, over, note), type="Cancel")


def follow(
    before: Message, change: Change, severity: str, identifier: str, sent: datetime, infos: tuple[Info, ...], text: str
) -> Message:
    """The message about a finding on a matter that `before` is the newest message of. What goes on, as it was found out
    or otherwise, is an Update; what is over, or never was, is a Cancel, whose note says which. `text`: the finding's.
    Raises ValueError without a text where it is the end."""
    if severity:
        return update(before, identifier, sent, infos, text if change == "amended" else "")
    return cancel(before, identifier, sent, text)


def _reference(message: Message) -> Reference:
    return Reference(message.sender, message.identifier, instant_text(message.sent))
