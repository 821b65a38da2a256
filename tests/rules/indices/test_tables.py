"""The tables a second time, transcribed row by row as the standards print them, where the code holds them by column."""

from fractions import Fraction

import pytest

from rules.indices import air_limits
from rules.indices.china_tables import HJ633_2012, HJ633_2026, Edition
from rules.indices.us_tables import COLUMNS
from rules.indices.who import GUIDELINES

# HJ 633-2026, table 3.
CHINA_ITEMS = "so2_24h so2_1h no2_24h no2_1h co_24h co_1h o3_8h o3_1h pm10_24h pm25_24h"
CHINA = """
0 0 0 0 0 0 0 0 0 0 0
50 50 150 40 100 2 5 100 160 50 35
100 150 500 80 200 4 10 160 200 120 60
150 475 650 180 700 14 35 215 300 250 115
200 800 800 280 1200 24 60 265 400 350 150
300 1600 b 565 2340 36 90 800 800 420 250
400 2100 b 750 3090 48 120 c 1000 500 350
500 2620 b 940 3840 60 150 c 1200 600 500
"""

# EPA-454/B-24-002, table 6: where each band begins, and what is 500.
US_ITEMS = "o3_8h o3_1h pm25_24h pm10_24h co_8h so2_1h no2_1h"
US = """
0 0.000 - 0.0 0 0.0 0 0
51 0.055 - 9.1 55 4.5 36 54
101 0.071 0.125 35.5 155 9.5 76 101
151 0.086 0.165 55.5 255 12.5 186 361
201 0.106 0.205 125.5 355 15.5 so2_24h=305 650
301 - 0.405 225.5 425 30.5 so2_24h=605 1250
500 - 0.604 325.4 604 50.4 so2_24h=1004 2049
"""

# GB 3095-2026, tables 1 and 2: transition I, transition II, final I, final II.
LIMITS = """
so2 year/day/1h 20/50/150 60/150/500 20/50/150 20/50/150
no2 year/day/1h 40/80/200 40/80/200 30/50/200 30/50/200
co day/1h 4/10 4/10 4/10 4/10
o3 8h/1h 100/160 160/200 100/160 160/200
pm10 year/day 40/50 60/120 20/50 50/100
pm25 year/day 15/35 30/60 10/25 25/50
tsp year/day 80/120 200/300 80/120 200/300
nox year/day/1h 50/100/250 50/100/250 40/70/250 40/70/250
pb year/season 0.5/1.0 0.5/1.0 0.5/1.0 0.5/1.0
bap year/day 0.001/0.0025 0.001/0.0025 0.001/0.0025 0.001/0.0025
"""

# WHO 2021: interim targets 1 to 4 and the guideline.
WHO = """
pm25 year/24h 35/75 25/50 15/37.5 10/25 5/15
pm10 year/24h 70/150 50/100 30/75 20/50 15/45
o3 season/8h 100/160 70/120 -/- -/- 60/100
no2 year/24h 40/120 30/50 20/- -/- 10/25
so2 24h 125 50 - - 40
co 24h 7 - - - 4
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def test_china_2026() -> None:
    points: dict[str, list[tuple[int, int]]] = {}
    for index, *row in rows(CHINA):
        for item, cell in zip(CHINA_ITEMS.split(), row, strict=True):
            if cell not in "bc":
                points.setdefault(item, []).append((int(cell), int(index)))
    scales = {item: list(scale.points) for item, scale in HJ633_2026.scales.items()}
    assert scales == points | {"pm10_1h": points["pm10_24h"], "pm25_1h": points["pm25_24h"]}


def test_china_2012_has_two_other_numbers() -> None:
    for item, scale in HJ633_2012.scales.items():
        theirs = list(HJ633_2026.scales[item].points)
        if item.startswith("pm"):
            theirs[2] = ({"pm10_24h": 150, "pm25_24h": 75}[item], 100)
        assert list(scale.points) == theirs


def test_us() -> None:
    begins: dict[str, dict[int, Fraction]] = {}
    for index, *row in rows(US):
        for item, cell in zip(US_ITEMS.split(), row, strict=True):
            if cell != "-":
                name, _, number = cell.rpartition("=")
                begins.setdefault(name or item, {})[int(index)] = Fraction(number)
    for item, column in COLUMNS.items():
        ours = {band.bottom: band.low for band in column.bands}
        if column.bands[-1].top == 500:
            ours[500] = column.bands[-1].high
        assert ours == begins[item], item
    assert begins.keys() == COLUMNS.keys()


def test_limits_of_2026() -> None:
    for edition, first in ((air_limits.TRANSITION, 2), (air_limits.FINAL, 4)):
        expected = {}
        for row in rows(LIMITS):
            cells = [row[place].split("/") for place in (1, first, first + 1)]
            for period, one, two in zip(*cells, strict=True):
                expected[row[0], period] = (Fraction(one), Fraction(two))
        assert dict(edition.limits) == expected


def test_who() -> None:
    expected: dict[tuple[str, str], dict[str, Fraction]] = {}
    for pollutant, periods, *targets in rows(WHO):
        for name, cell in zip(("IT-1", "IT-2", "IT-3", "IT-4", "AQG"), targets, strict=True):
            for period, number in zip(periods.split("/"), cell.split("/"), strict=True):
                if number != "-":
                    expected.setdefault((pollutant, period), {})[name] = Fraction(number)
    assert {key: dict(row) for key, row in GUIDELINES.items()} == expected


@pytest.mark.parametrize("edition", [HJ633_2026, HJ633_2012], ids=["2026", "2012"])
def test_a_report_has_scales_for_all_its_items(edition: Edition) -> None:
    assert {*edition.daily, *edition.hourly} == set(edition.scales)
