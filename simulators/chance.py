"""Chance that can be repeated: every draw is a function of (seed, name, instant), so that any reading can be
computed alone, in any order, and the same seed gives the same bytes."""

from hashlib import blake2b

_MASK = (1 << 64) - 1


def key(seed: int, *names: str) -> int:
    """A number of 64 bits for a thing that draws, such as one metric of one sensor."""
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def unit(source: int, at: int) -> float:
    """A draw from [0, 1) of `source` at the whole number `at` (splitmix64)."""
    x = (source + at * 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((x ^ (x >> 31)) >> 11) * (1.0 / (1 << 53))


def jitter(source: int, at: int) -> float:
    """A draw from [-1, 1): independent from instant to instant."""
    return 2.0 * unit(source, at) - 1.0


def drift(source: int, at: int, period: int) -> float:
    """A smooth wander within [-1, 1): new every `period` ms, eased in between."""
    step, rest = divmod(at, period)
    before, after = jitter(source, step), jitter(source, step + 1)
    x = rest / period
    return before + (after - before) * x * x * (3.0 - 2.0 * x)
