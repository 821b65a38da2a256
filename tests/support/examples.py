"""On how many random examples a property is tried."""

import os

from hypothesis import settings

LONG = int(os.environ.get("EXAMPLES", "1000"))
"""In each round of `make check-long`, which has ten; EXAMPLES=10000 tries all in one."""


def examples(short: int) -> settings:
    """`short` by default, LONG with TESTS=random. For properties that compare with an oracle, or across a crash."""
    return settings(max_examples=max(short, LONG) if os.environ.get("TESTS") == "random" else short, deadline=None)
