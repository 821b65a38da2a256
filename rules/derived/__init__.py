"""Derived metrics: indices that the judge keeps for each station, as readings of a metric of their own
(docs/decisions/0006-derived-metrics.md).

A derived metric is decided at a tick, as of the end of a window, from the windows of what its sensor measures. Where
too little was measured it is not decided, and the rules on it are told so.
"""
