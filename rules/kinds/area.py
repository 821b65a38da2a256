"""The values of an area's sensors made into one, beyond a limit: the mean of a district, the greatest of a basin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.areas.across import ACROSS
from rules.areas.area_machine import AreaMachine
from rules.areas.composite import Area, CompositeSpec
from rules.areas.fields import COMMON, WINDOW_KEYS, parse_common, values_of
from rules.areas.member import Resolved, WindowValues
from rules.areas.part import HALF, Part, parse_part
from rules.derived.names import UNITS
from rules.level_fields import parse_levels
from rules.levels import Levels
from rules.strict_yaml import Node

REQUIRED = ("metric", "aggregate", "every", "across")
OPTIONAL = ("above", "below", "clear", "rank", "healthy", *sorted({*WINDOW_KEYS} - {"every", *COMMON}), *COMMON)
METRICS = 1
TEXT = "{metric}: {value} {unit} in {area} ({n} sensors), limit {limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSpec(CompositeSpec):
    """The windows of the one member, made into one value by `across`, judged by `levels`; `rank` is of the percentile.
    With the values of fewer than `healthy` sensors nothing is decided."""

    across: str
    levels: Levels
    rank: int = 50
    healthy: Part = HALF

    @property
    def every(self) -> int:
        """How often (ms) a window ends."""
        values = self.members[0].spec
        assert isinstance(values, WindowValues)
        return values.window.every

    def machine(self, members: Sequence[Resolved]) -> AreaMachine:
        return AreaMachine(self.levels, self.every, self.across, self.rank, self.healthy)

    def unit(self, members: Sequence[Resolved]) -> str:
        return "sensors" if self.across == "count" else members[0].unit

    def severities(self) -> tuple[str, ...]:
        return tuple(level.severity for level in self.levels.levels)


def parse(rule: Node, fields: dict[str, Node]) -> AreaSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    member = values_of(rule, fields) if "aggregate" in fields and "every" in fields else None
    across = fields["across"].choice(ACROSS) if "across" in fields else None
    levels = parse_levels(rule, fields)
    rank = fields["rank"].whole(1, 99) if "rank" in fields else 50
    healthy = parse_part(fields["healthy"]) if "healthy" in fields else HALF
    common = parse_common(fields, Area("district"))
    sound = True
    if across is not None and ("rank" in fields) != (across == "percentile"):
        if "rank" in fields:
            fields["rank"].fault("belongs to 'percentile'", f"leave it out for {across!r}")
        else:
            rule.fault("the key 'rank' is missing", "such as rank: 90")
        sound = False
    if across == "leq" and "metric" in fields and UNITS.get(fields["metric"].one_word(), "dB(A)") != "dB(A)":
        fields["across"].fault("'leq' is of sound levels", "for other metrics take 'mean'")
        sound = False
    if member is None or across is None or levels is None or rank is None or healthy is None or common is None:
        return None
    area, delay, silent = common
    if area.by in ("sensor", "neighbours"):
        fields["area"].fault("an aggregate is of more sensors than that", "such as area: district")
        return None
    if not sound:
        return None
    assert isinstance(member.spec, WindowValues)
    window = replace(member.spec.window, delay=delay)  # who waits for the others waits for each as well
    return AreaSpec(
        members=(replace(member, spec=WindowValues(window)),),
        area=area,
        delay=delay,
        silent=silent,
        across=across,
        levels=levels,
        rank=rank,
        healthy=healthy,
    )
