"""Numbers of a scale of gravity where part of what they rest on is missing.

What is known may already call for a grade; what is missing could only make it graver. Such a grade may raise an alarm,
but never end one: not to know is no all-clear.
"""

from rules.derived.program import Trail, View


def firm(view: View, name: str, grade: int, sure: bool) -> int | None:
    """`grade` where it is sure, or graver than the last that was told; else None. What is told is kept in the trail
    `name`."""
    trail = view.trail(name)
    if not sure and grade <= _last(trail):
        return None
    trail.clear()
    trail[view.end] = float(grade)
    return grade


def _last(trail: Trail) -> float:
    return max(trail.values(), default=0.0)
