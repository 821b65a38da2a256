"""The books of a series as plain data (rules/state.py packs it)."""

from collections.abc import Callable
from itertools import accumulate
from operator import sub
from typing import Any

import msgspec

from rules.amend.account import Account
from rules.amend.amends import Amends
from rules.amend.ledger import Ledger
from rules.amend.readings import ReadingLedger
from rules.amend.story import Stand
from rules.amend.told import Told
from rules.amend.windows import WindowLedger
from rules.finding import Seen
from rules.machine import FOREVER, Change


class PackedLedger(msgspec.Struct, array_like=True):
    """`base`: nil for the first state of all. `last`, `offset`, `ahead` and `followed` are of a rule that judges
    readings, `first` of one that judges windows; `before` and `stands` of one that only groups hear of, in place of
    `told` and `gone`."""

    through: int
    stale: bool
    base: msgspec.Raw
    told: list[Told[Change]]
    gone: dict[int, int]
    last: int = -1
    offset: int = -1
    ahead: tuple[Change, ...] = ()
    first: int = FOREVER
    followed: bool = False
    before: Stand | None = None
    stands: list[Stand] = []


class PackedJournal(msgspec.Struct, array_like=True):
    """The readings that may be judged again, as columns; times and offsets as differences."""

    ts: list[int] = []
    value: list[float] = []
    offset: list[int] = []


def pack_journal(amends: Amends) -> PackedJournal:
    journal = amends.journal
    return PackedJournal(
        _differences([seen.ts for seen in journal]),
        [seen.value for seen in journal],
        _differences([seen.offset for seen in journal]),
    )


def restore_journal(packed: PackedJournal, amends: Amends) -> None:
    """Raises ValueError for columns of unequal length."""
    columns = accumulate(packed.ts), packed.value, accumulate(packed.offset)
    amends.journal = [Seen(ts, value, offset) for ts, value, offset in zip(*columns, strict=True)]


def pack_ledger(ledger: Ledger, initial: object, encode: Callable[[Any], bytes]) -> PackedLedger:
    base = msgspec.Raw(encode(None if ledger.base == initial else ledger.base))
    packed = PackedLedger(ledger.through, ledger.stale, base, [], {})
    account = ledger.account
    if isinstance(account, Account):
        packed.told, packed.gone = account.told, dict(sorted(account.gone.items()))
    else:
        packed.before, packed.stands = account.before, account.stands
    if isinstance(ledger, ReadingLedger):
        packed.last, packed.offset = ledger.last, ledger.offset
        packed.ahead, packed.followed = ledger.ahead, ledger.followed
    else:
        assert isinstance(ledger, WindowLedger)
        packed.first = ledger.first
    return packed


def restore_ledger(packed: PackedLedger, ledger: Ledger, state_type: type[Any]) -> None:
    """Raises msgspec.DecodeError for what is no such state."""
    ledger.through, ledger.stale = packed.through, packed.stale
    account = ledger.account
    if isinstance(account, Account):
        account.told, account.gone = list(packed.told), dict(packed.gone)
    else:
        account.before, account.stands = packed.before, list(packed.stands)
    base = msgspec.msgpack.decode(packed.base, type=state_type | None)
    if base is not None:
        ledger.base = base
    if isinstance(ledger, ReadingLedger):
        ledger.last, ledger.offset = packed.last, packed.offset
        ledger.ahead, ledger.followed = packed.ahead, packed.followed
    else:
        assert isinstance(ledger, WindowLedger)
        ledger.first = packed.first


def _differences(numbers: list[int]) -> list[int]:
    return [*numbers[:1], *map(sub, numbers[1:], numbers)]
