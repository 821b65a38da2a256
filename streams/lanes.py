"""Lanes: the partitions of the two topics that a part reads, under one number each.

The recorder reads what sensors said (`readings`) and what the judge made of it (`derived`), the judge reads `readings`
and what its first stage says to its second (`summaries`); each with positions and counters for each partition of each
topic. Lane 3 is partition 3 of the first topic and lane -4 is partition 3 of the second, whatever the number of
partitions is.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

READINGS, DERIVED, SUMMARIES = 0, 1, 1
"""Places of the topics: DERIVED of the recorder's second one, SUMMARIES of the judge's."""


def lane(place: int, partition: int) -> int:
    return partition if place == READINGS else -1 - partition


def place_of(lane: int) -> int:
    """Of the topic that the lane belongs to."""
    return READINGS if lane >= 0 else 1


def partition_of_lane(lane: int) -> int:
    return lane if lane >= 0 else -1 - lane


def name_of(topics: Sequence[str], lane: int) -> str:
    """
    >>> name_of(("readings", "summaries"), -4)
    'summaries[3]'
    """
    return f"{topics[place_of(lane)]}[{partition_of_lane(lane)}]"


def split(by_lane: Mapping[int, T]) -> tuple[dict[int, T], dict[int, T]]:
    """By partition: what is of the first topic (`readings`), and what is of the second."""
    both: tuple[dict[int, T], dict[int, T]] = ({}, {})
    for number in sorted(by_lane, key=partition_of_lane):
        both[place_of(number)][partition_of_lane(number)] = by_lane[number]
    return both
