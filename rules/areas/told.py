"""What of a group's state is told: changes alone, and doubt once."""

import msgspec

from rules.areas.machine import Outcome


class Told(msgspec.Struct, frozen=True, array_like=True):
    """The severity of the episode that is on, "" for none. `doubt`: nothing is known, and that was told; of a new
    group nobody expects to know anything yet."""

    severity: str = ""
    doubt: bool = True


def tell(told: Told, outcome: Outcome) -> tuple[Told, list[Outcome]]:
    """What is told of how things stand, `outcome` without its `was`: nothing where it is as it was. Without knowledge
    (`why`) what is on stays on."""
    if outcome.why:
        if told.doubt:
            return told, []
        return Told(told.severity, True), [outcome._replace(severity="", was="")]
    if outcome.severity == told.severity and not told.doubt:
        return told, []
    return Told(outcome.severity, False), [outcome._replace(was=told.severity)]
