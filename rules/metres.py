"""Distances as people write them in files."""

from rules.strict_yaml import Node

SMALLEST, LARGEST = 1, 100_000
"""Metres."""
_METRES = {"km": 1000, "m": 1}


def parse_metres(node: Node) -> int | None:
    """Metres from a whole number and m or km; None, with a fault, for anything else."""
    text = node.text()
    if text is None:
        return None
    for unit, metres in _METRES.items():
        number = text.removesuffix(unit)
        if number != text and number.isdecimal() and number.isascii():
            found = int(number[:7]) * metres
            if SMALLEST <= found <= LARGEST:
                return found
            break
    node.fault(f"{text[:40]!r} is not a distance", "write a whole number and m or km, 1m to 100km, such as 500m, 2km")
    return None
