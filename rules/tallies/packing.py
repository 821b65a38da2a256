"""Tallies as msgpack writes them: its integers end at 64 bits, so greater ones are written as decimal text."""

from collections.abc import Mapping

from rules.tallies.names import new_tally
from rules.tallies.tally import Tally

Parts = dict[str, list[int | float | str]]
_GREATEST = 1 << 63


def pack_tallies(tallies: Mapping[str, Tally]) -> Parts:
    return {name: [_narrow(part) for part in tallies[name].pack()] for name in sorted(tallies)}


def restore_tallies(packed: Parts) -> dict[str, Tally]:
    """Raises ValueError or TypeError for what `pack_tallies` never gives."""
    found: dict[str, Tally] = {}
    for name, parts in packed.items():
        found[name] = new_tally(name)
        found[name].restore([int(part) if isinstance(part, str) else part for part in parts])
    return found


def _narrow(part: int | float) -> int | float | str:
    return str(part) if isinstance(part, int) and not -_GREATEST <= part < _GREATEST else part
