"""What the air feels like, of means over one short window, and rain of some hours."""

from collections.abc import Iterator
from fractions import Fraction

from rules.derived.program import HOUR, Program, View
from rules.derived.settings import Indices
from rules.indices.derived import DERIVED, Derived

WHOLE = Fraction(1)
DECIMALS = 3


def programs(measured: frozenset[str], every: int, indices: Indices) -> Iterator[Program]:
    """For stations with the inputs; temperatures over windows of `every` ms."""
    for name in ("heat_index", "wind_chill"):
        if measured.issuperset(DERIVED[name].inputs):
            yield _felt(DERIVED[name], every, indices)
    if "rain" in measured:
        yield from (_rain(DERIVED[f"rain_{hours}h"], indices) for hours in (3, 6, 12))


def _felt(one: Derived, every: int, indices: Indices) -> Program:
    def of(view: View) -> float | None:
        value = one.of({metric: view.means(metric, 1) for metric in one.inputs}, indices.day(view.end - 1))
        return None if value is None else round(float(value), DECIMALS)

    return Program(one.name, one.inputs, every, every, of)


def _rain(one: Derived, indices: Indices) -> Program:
    def of(view: View) -> float | None:
        hours = [None if each is None else each.mean * each.count for each in view.last("rain", one.hours)]
        value = one.of({"rain": hours}, indices.day(view.end - 1))
        return None if value is None else float(value)

    return Program(one.name, one.inputs, HOUR, one.hours * HOUR, of)
