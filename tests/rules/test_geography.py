"""Distances, and what is inside a shape of the map."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.geography import EARTH, Shape, area, distance

# A square of 10 with a hole of 2 in its middle, and an island in the hole's lee.
SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0))
HOLE = ((4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (6.0, 4.0), (4.0, 4.0))
ISLAND = ((20.0, 0.0), (22.0, 0.0), (21.0, 2.0), (20.0, 0.0))
SHAPE = Shape("mixed", ((SQUARE, HOLE), (ISLAND,)))


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (1.0, 1.0, True),
        (5.0, 5.0, False),  # in the hole
        (4.0, 5.0, True),  # on the hole's edge
        (4.0, 4.0, True),  # on its corner
        (0.0, 5.0, True),
        (10.0, 10.0, True),
        (5.0, 10.0, True),
        (5.0, 10.000001, False),
        (-0.000001, 5.0, False),
        (4.0, 1.0, True),  # at the height of the hole's corners: a ray through a corner counts once
        (6.0, 1.0, True),
        (1.0, 21.0, True),
        (1.0, 20.5, True),  # on the island's slope
        (1.0, 20.4999, False),
        (2.0, 21.0, True),
        (2.0, 20.0, False),  # at the height of its tip
        (0.0, 19.0, False),  # in line with an edge, but not on it
    ],
)
def test_inside_a_shape_with_a_hole_and_an_island(lat: float, lon: float, inside: bool) -> None:
    assert SHAPE.contains(lat, lon) is inside


def test_a_point_on_a_slope_written_in_decimals_is_on_it() -> None:
    slope = ((13.7, 51.0), (13.8, 51.1), (13.7, 51.1), (13.7, 51.0))
    shape = Shape("slope", ((slope,),))
    assert all(shape.contains(51.0 + step / 1000, 13.7 + step / 1000) for step in range(101))


@given(st.floats(-0.5, 3.5), st.floats(-0.5, 3.5))
@settings(max_examples=200, deadline=None)
def test_a_convex_shape_is_the_sides_that_a_point_is_on(lon: float, lat: float) -> None:
    """The oracle: inside a triangle is to the left of all its sides."""
    corners = [(0.0, 0.0), (3.0, 1.0), (1.0, 3.0)]
    sides = [
        (x2 - x1) * (lat - y1) - (y2 - y1) * (lon - x1)
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    if all(abs(side) > 1e-6 for side in sides):
        ring = (*corners, corners[0])
        assert Shape("t", ((ring,),)).contains(lat, lon) is all(side > 0 for side in sides)


def test_distances_that_are_known() -> None:
    quarter = EARTH * math.pi / 2
    assert distance(0, 0, 90, 0) == pytest.approx(quarter)
    assert distance(0, 0, 0, 180) == pytest.approx(2 * quarter)
    assert distance(0, 179.5, 0, -179.5) == pytest.approx(EARTH * math.radians(1))  # over the date line
    # Dresden to Berlin, 165 km by the geodesic of WGS 84.
    assert distance(51.0504, 13.7373, 52.5200, 13.4050) == pytest.approx(165_000, rel=0.006)
    assert distance(51.05, 13.73, 51.05, 13.73) == 0
    assert distance(51.05, 13.73, 51.06, 13.75) == distance(51.06, 13.75, 51.05, 13.73)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
@settings(max_examples=100, deadline=None)
def test_a_distance_is_never_more_than_half_way_round(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    assert 0 <= distance(lat1, lon1, lat2, lon2) <= EARTH * math.pi * 1.0000001


def test_the_area_of_a_ring_does_not_ask_which_way_it_runs() -> None:
    assert area(SQUARE) == area(tuple(reversed(SQUARE))) == 200.0
    assert area(((0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 0.0))) == 0
