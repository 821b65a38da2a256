"""The plan of bridges: who subscribes to which topics, so that each topic has exactly one."""

from dataclasses import dataclass
from itertools import product

from rules.sensor import ID


@dataclass(frozen=True, slots=True)
class BridgePlan:
    """One bridge: its stable id (also its MQTT client id) and the topics that it alone subscribes to, several
    filters separated by commas."""

    id: str
    filter: str


def read_bridges(value: object) -> tuple[BridgePlan, ...]:
    """A list of {id, filter}; in the environment "id=filter;id=filter". Raises ValueError, also when two overlap."""
    wanted = f'[{{id = "bridge-1", filter = "city/#"}}] is wanted, not {value!r}'
    if isinstance(value, str):
        pairs = [item.partition("=") for item in value.split(";")]
        value = [{"id": name.strip(), "filter": topics.strip()} for name, _, topics in pairs]
    if not isinstance(value, list) or not value:
        raise ValueError(wanted)
    plans = tuple(_plan(item, wanted) for item in value)
    if len({plan.id for plan in plans}) < len(plans):
        raise ValueError("two bridges have one id")
    for number, one in enumerate(plans):
        for other in plans[number + 1 :]:
            for left, right in product(one.filter.split(","), other.filter.split(",")):
                if overlap(left, right):
                    raise ValueError(f"{left!r} and {right!r} overlap: each topic must have one bridge")
    return plans


def _plan(item: object, wanted: str) -> BridgePlan:
    if not isinstance(item, dict) or item.keys() != {"id", "filter"}:
        raise ValueError(wanted)
    name, topics = item["id"], item["filter"]
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise ValueError(f"a bridge's id holds letters, digits and . _ : - only, not {name!r}")
    filters = [one.strip() for one in topics.split(",")] if isinstance(topics, str) else []
    if not filters or not all(one.startswith("city/") and "#" not in one[:-1] for one in filters):
        raise ValueError(f'a filter begins with "city/" and has # at its end only, not {topics!r}')
    return BridgePlan(name, ",".join(filters))


def overlap(one: str, other: str) -> bool:
    """Whether some topic matches both filters.

    >>> overlap("city/north/#", "city/south/#"), overlap("city/+/air/#", "city/north/#")
    (False, True)
    """
    left, right = one.split("/"), other.split("/")
    for a, b in zip(left, right, strict=False):
        if "#" in (a, b):
            return True
        if a != b and "+" not in (a, b):
            return False
    longer = left if len(left) > len(right) else right
    return len(left) == len(right) or longer[min(len(left), len(right))] == "#"
