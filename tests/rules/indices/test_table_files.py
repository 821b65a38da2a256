"""The data files of tables: each says where it is from, and editions follow one another without a gap."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from itertools import pairwise

import pytest

from rules.indices.table import Table, read, source_of

NAMES = sorted(
    each.name.removesuffix(".toml") for each in files("rules.indices.tables").iterdir() if ".toml" in each.name
)


def sourced(table: object) -> Iterator[Table]:
    """All parts of a file that say where they are from."""
    if isinstance(table, dict):
        if "title" in table:
            yield table
        for part in table.values():
            yield from sourced(part)
    elif isinstance(table, list):
        for part in table:
            yield from sourced(part)


def test_there_they_are() -> None:
    assert {"china_aqi", "us_aqi", "air_limits", "who_air", "noise", "weather_signals", "heavy_pollution"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_where_it_is_from(name: str) -> None:
    sources = [source_of(each) for each in sourced(read(name))]
    assert sources and all(source.title for source in sources)
    for source in sources:
        assert source.certainty == "read" or source.edition or source.remark or "Beijing" in source.title
        assert source.since is None or source.until is None or source.since < source.until


@pytest.mark.parametrize(
    "name", [name for name in NAMES if "edition" in read(name) and isinstance(read(name)["edition"], list)]
)
def test_editions_stand_from_the_newest_and_leave_no_day_between_them(name: str) -> None:
    editions = [source_of(each) for each in read(name)["edition"]]
    assert editions[0].until is None, "the newest is in force"
    for newer, older in pairwise(editions):
        assert newer.since is not None and older.until == newer.since - timedelta(1)
