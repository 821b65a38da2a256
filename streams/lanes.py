"""Lanes: the partitions of the topics that the recorder reads, under one number each.

What sensors said (`readings`) and what the judge made of it (`derived`) are recorded alike, into one store, with
positions and counters for each partition of each topic. Lane 3 is partition 3 of the first topic and lane -4 is
partition 3 of the second, whatever the number of partitions is.
"""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

READINGS, DERIVED = 0, 1
"""Places of the two topics."""


def lane(place: int, partition: int) -> int:
    return partition if place == READINGS else -1 - partition


def place_of(lane: int) -> int:
    """Of the topic that the lane belongs to."""
    return READINGS if lane >= 0 else DERIVED


def partition_of_lane(lane: int) -> int:
    return lane if lane >= 0 else -1 - lane


def split(by_lane: Mapping[int, T]) -> tuple[dict[int, T], dict[int, T]]:
    """By partition: what is of the readings, and what is of the derived ones."""
    both: tuple[dict[int, T], dict[int, T]] = ({}, {})
    for number in sorted(by_lane, key=partition_of_lane):
        both[place_of(number)][partition_of_lane(number)] = by_lane[number]
    return both
