"""Decisions that late readings may still change (docs/decisions/0009-amend.md).

A rule with `amend` keeps its state as of the oldest time that a late reading may have, its base, and what it has told
since. When late readings have come, the next tick judges again from there, as if all had come in order, and what is
otherwise now is told: amended, withdrawn, or fired only now.
"""
