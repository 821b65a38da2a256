"""Tallies by name: what a rule asks its panes for, and what stored state calls them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from rules.tallies.ends import Ends
from rules.tallies.energy import Energy
from rules.tallies.share import Share
from rules.tallies.sketch import Sketch
from rules.tallies.slowness import Slowness
from rules.tallies.squares import Squares
from rules.tallies.tally import Tally
from rules.tallies.tenths import Tenths
from rules.tallies.trend import Trend

_KINDS: Mapping[str, Callable[[], Tally]] = MappingProxyType(
    {
        "squares": Squares,
        "energy": Energy,
        "ends": Ends,
        "trend": Trend,
        "sketch": Sketch,
        "tenths": Tenths,
        "slowness": Slowness,
    }
)
_SHARE = "share "


def share_name(mark: float) -> str:
    """Each mark has a tally of its own."""
    return f"{_SHARE}{mark!r}"


def new_tally(name: str) -> Tally:
    """An empty tally. Raises ValueError for a name that no tally has."""
    if name.startswith(_SHARE):
        return Share(float(name.removeprefix(_SHARE)))
    if name not in _KINDS:
        raise ValueError(f"no tally is called {name[:40]!r}")
    return _KINDS[name]()
