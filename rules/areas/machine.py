"""What a composite rule's kind promises: the interface between its pure machine and the area engine."""

from collections.abc import Sequence
from typing import Any, Protocol, Self, TypeVar

import msgspec

from rules.areas.event import Event
from rules.areas.group import Group

S = TypeVar("S")


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """The severity of the rule for the group is another from `at` (ms) on; "" is none. `limit`: of the severity from
    now on, or, when that is none, the one whose clearing ended it. `value`: what was compared with it. `seen`: the
    events it rests on. `count` of `of` sensors said so; `left_out`: who was not asked, with the reason.

    `why`: nothing is known as of `at`, for this reason; then the severities say nothing, and what is on stays on. An
    outcome with neither severity nor reason says that the doubt is over and nothing is on: no finding comes of it,
    but the rules that refer to this one hear it. `outside`: it ends because the rule's time does. `first`: the offset
    of the record at which it was told first, None before.
    """

    at: int
    severity: str
    was: str
    limit: float | None = None
    value: float | None = None
    seen: tuple[Event, ...] = ()
    count: int = 0
    of: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    why: str = ""
    outside: bool = False
    first: int | None = None

    def _replace(self, **values: Any) -> Self:
        """With these values in place, as of a NamedTuple, which `count` keeps it from being."""
        return msgspec.structs.replace(self, **values)


class GroupMachine(Protocol[S]):
    """One composite rule on its groups. States are immutable msgspec structs; equal states answer equally for ever.
    What a state says of a sensor that is no longer in the group counts for nothing."""

    state_type: type[S]

    def initial(self) -> S:
        """The state of a group that nothing is known of."""
        ...

    def step(self, state: S, group: Group, at: int, events: Sequence[Event]) -> tuple[S, list[Outcome]]:
        """The instant `at`: all events of it, by (metric, sensor, member, order), and whatever falls due by then.
        Instants come in order, each at most once, but for one that is looked at again without any event because the
        group itself is another. A member's event for a sensor always differs from the one before it, unless it brings
        a value."""
        ...

    def next_due(self, state: S, group: Group) -> int:
        """The time (ms) at which something happens without any event; FOREVER for never. Later than the instant that
        was last stepped."""
        ...
