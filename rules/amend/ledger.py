"""The book of one rule on one series: its base, and what it has told since."""

from collections.abc import Sequence
from typing import Any

from rules.amend.account import Account
from rules.amend.story import Stand, Story, stand_of
from rules.machine import Change


class Ledger:
    """`base`: the state of the watch after all that no late reading can alter: what is before `through` (ms, by the
    log's clock). `account`: what was told since, of a rule that an author has written, or of one that only groups hear
    of. `stale`: readings have come that it does not know.
    """

    __slots__ = ("account", "amend", "base", "stale", "through")

    def __init__(self, base: Any, amend: int, *, hidden: bool) -> None:
        self.base, self.amend = base, amend
        self.through = 0
        self.account: Account[Change] | Story = Story() if hidden else Account()
        self.stale = False

    @property
    def before(self) -> Stand | None:
        """How it stood at the base, if there is anything to say of that."""
        if isinstance(self.account, Story):
            return self.account.before
        first = self.account.told[0] if self.account.told else None
        return None if first is None or first.before is None else stand_of(first.before)

    @property
    def stands(self) -> Sequence[Stand]:
        """How it has stood since, as was told."""
        if isinstance(self.account, Story):
            return self.account.stands
        return [stand_of(change) for told in self.account.told for change in told.changes]

    def start(self, clock: int) -> int:
        """The oldest time (ms) that a reading may have at `clock` and still change what was decided."""
        return max(self.through, clock - self.amend)
