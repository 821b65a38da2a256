"""Where the numbers of a table come from, from when to when they hold, and how sure we are of them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Certainty(StrEnum):
    """How a number came to us."""

    read = "read"  # in the standard itself, or in an official document that reprints it
    secondary = "secondary"  # in somebody else's text or program that cites the standard
    unconfirmed = "unconfirmed"  # general knowledge, or a custom: change it where your city knows better


@dataclass(frozen=True, slots=True)
class Source:
    """A standard and its edition, in force from `since` up to and including `until`; None: without end."""

    title: str
    edition: str
    certainty: Certainty
    since: date | None = None
    until: date | None = None
    remark: str = ""

    def holds(self, day: date) -> bool:
        """Is it in force on that day?"""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
