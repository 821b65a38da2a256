"""Which area rules refer to each other."""

from collections.abc import Mapping, Sequence


def families(wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each area rule that refers to another one or is referred to by one, the least name of all that are thereby
    connected. `wanted`: the rules that each area rule refers to; those that are no key of it are no area rules."""
    least = {name: name for name in wanted}

    def head(name: str) -> str:
        while least[name] != name:
            name = least[name]
        return name

    for name, others in wanted.items():
        for other in others:
            if other in wanted:
                one, two = sorted((head(name), head(other)))
                least[two] = one
    heads = [head(name) for name in wanted]
    return {name: head(name) for name in wanted if heads.count(head(name)) > 1}


def ranks(wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The rules in an order in which each comes behind those that it refers to, with its place in the order. Those in
    a circle, and those that need them, are left out."""
    found: dict[str, int] = {}
    left = sorted(wanted)
    while ready := [name for name in left if all(other in found for other in wanted[name] if other in wanted)]:
        for name in ready:
            found[name] = len(found)
        left = [name for name in left if name not in found]
    return found


def circles(wanted: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """For each rule that refers to itself, if by way of others, the way: from it to itself."""
    found: dict[str, list[str]] = {}
    for name in wanted:
        ways = [[name]]
        seen: set[str] = set()
        while ways:
            way = ways.pop(0)
            for other in wanted[way[-1]]:
                if other == name:
                    found.setdefault(name, [*way, name])
                elif other in wanted and other not in seen:
                    seen.add(other)
                    ways.append([*way, other])
    return found
