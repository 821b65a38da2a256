"""The table of a year of recorded hours: what it reads, what it counts, what it says of a broken file."""

import gzip
from pathlib import Path

import pytest
from typer.testing import CliRunner

from urbanpulse.aqi_year import read_year, rows, table
from urbanpulse.cli import app
from urbanpulse.trouble import TroubleError

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "beijing-air"
HEADER = "year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3\n"


def day(number: int, pm25: str = "80") -> str:
    return "".join(f"2014,1,{number},{hour},{pm25},90,10,20,500,50\n" for hour in range(24))


def test_hours_stand_at_their_place(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEADER + "2013,12,31,23,9,9,9,9,9,9\n2014,1,2,5,NA,90,10,20,500,50\n")
    hours = read_year(file, 2014)
    assert {len(values) for values in hours.values()} == {8760}
    assert hours["co"][24 + 5] == 0.5
    assert hours["pm25"][24 + 5] is None
    assert hours["pm10"].count(None) == 8759


def test_a_leap_year_has_its_day(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEADER + "2016,12,31,23,1,1,1,1,1,1\n")
    hours = read_year(file, 2016)
    assert len(hours["o3"]) == 8784
    assert hours["o3"][-1] == 1


def test_the_same_air_in_both_editions(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "Temple.csv.gz", "wt") as file:
        file.write(HEADER + day(1) + day(2, "60") + day(3, "NA"))
    old, new = rows(tmp_path, 2014)
    assert (old.station, old.edition, new.edition) == ("Temple", "2012", "2026")
    assert old.days == {"1": 0, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0, "NA": 363}  # 60: 80 of 2012
    assert new.days == {"1": 0, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0, "NA": 363}  # 60: 100 of 2026
    assert new.hours["3"] == 24
    assert old.hours["NA"] >= 19
    assert "| Temple | 2026 | 0 | 1 | 1 | 0 | 0 | 0 | 363 | 1 | 24 |" in table([old, new])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("year,month,day,hour\n2014,1,1,0\n", "no column 'SO2'"),
        (HEADER + "2014,1,1,0,x,1,1,1,1,1\n", "could not convert"),
        (HEADER + "2014,2,30,0,1,1,1,1,1,1\n", "out of range"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "broken.csv").write_text(text)
    told = refused(str(tmp_path))
    assert "broken.csv" in told
    assert message in told


def test_a_folder_without_files(tmp_path: Path) -> None:
    assert "no file" in refused(str(tmp_path), "--year", "2014")


def refused(*words: str) -> str:
    result = CliRunner().invoke(app, ["aqi-year", *words])
    assert isinstance(result.exception, TroubleError)
    return str(result.exception)


@pytest.mark.parametrize("words", [[], ["a", "2014"], ["a", "--year", "x"], ["a", "--year", "0"]])
def test_usage(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["aqi-year", *words]).exit_code == 2


def test_the_command_prints_the_table(tmp_path: Path) -> None:
    (tmp_path / "Temple.csv").write_text(HEADER + day(1))
    result = CliRunner().invoke(app, ["aqi-year", str(tmp_path), "--year", "2014"])
    assert result.exit_code == 0
    assert result.stdout.count("| Temple |") == 2


@pytest.mark.skipif(not DATA.exists(), reason="no shared data beside the project")
def test_the_docs_show_this_year() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "standards.md").read_text()
    found = list(rows(DATA, 2014))
    assert len(found) == 16
    assert "urbanpulse aqi-year ../shared/data/beijing-air --year 2014" in page
    assert table(found) in page
