"""An area rule for tests of what carries it: on while at least so many of its members are on for anybody."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from rules.areas.composite import Area, By, CompositeSpec
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.member import Member, Resolved
from rules.machine import FOREVER
from rules.rule import Rule, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class AnySpec(CompositeSpec):
    """`least` members must be on; it ends `after` ms of its own accord when that is not 0."""

    least: int = 1
    after: int = 0

    def machine(self, members: Sequence[Resolved]) -> "AnyMachine":
        return AnyMachine(self)

    def severities(self) -> tuple[str, ...]:
        return ("yellow", "red")


class AnyState(msgspec.Struct, frozen=True, array_like=True):
    """`on`: severities by member and sensor; `why`: doubts by the same."""

    on: dict[str, str] = {}
    why: dict[str, str] = {}
    now: str = ""
    doubt: str = ""
    until: int = FOREVER


class AnyMachine:
    """Red when all members are on, yellow when `least` are."""

    state_type = AnyState

    def __init__(self, spec: AnySpec) -> None:
        self._spec = spec

    def initial(self) -> AnyState:
        return AnyState()

    def next_due(self, state: AnyState, group: Group) -> int:
        return state.until

    def step(self, state: AnyState, group: Group, at: int, events: Sequence[Event]) -> tuple[AnyState, list[Outcome]]:
        on, why = dict(state.on), dict(state.why)
        for event in events:
            if event.member >= 0:
                key = f"{event.member} {event.sensor}"
                why[key] = event.why
                if not event.why:
                    on[key] = event.severity
        members = {key.split()[0] for key, severity in on.items() if severity}
        whole = len(self._spec.members)
        now = "red" if len(members) == whole > 1 else "yellow" if len(members) >= self._spec.least else ""
        doubt = next((each for _, each in sorted(why.items()) if each), "")
        until = state.until
        if at >= until:
            now, until = "", FOREVER
        elif now and not state.now and self._spec.after:
            until = at + self._spec.after
        after = AnyState(on, why, now, doubt, until if now else FOREVER)
        seen = tuple(events)
        if doubt:
            if state.doubt:
                return AnyState(on, why, state.now, doubt, state.until), []
            return AnyState(on, why, state.now, doubt, state.until), [Outcome(at, state.now, state.now, why=doubt)]
        if now == state.now and not state.doubt:
            return after, []
        return after, [Outcome(at, now, state.now, 1.0, float(len(members)), seen, len(members), whole)]


EVERYWHERE = Where()


def any_rule(
    name: str,
    *members: Member,
    by: By = "district",
    least: int = 1,
    after: int = 0,
    delay: int = 0,
    where: Where = EVERYWHERE,
) -> Rule:
    """Such a rule, as a file would have it."""
    spec = AnySpec(members=members, area=Area(by), least=least, after=after, delay=delay)
    return Rule(name, "any", spec.metrics, spec, where, text="{rule} {k} of {n} in {area}: {severity}")
