"""The words of `urbanpulse up`: which go together, what they ask for, and what is said of those that do not."""

from pathlib import Path
from typing import Any

import pytest

from urbanpulse.playing import wish
from urbanpulse.trouble import TroubleError
from urbanpulse.wish import Wish

CITY = Path(__file__).parents[2] / "deploy" / "sample-city"
WORDS: dict[str, Any] = {
    "scenario": "",
    "seed": 1,
    "seconds": 0.0,
    "files": [],
    "map_name": "",
    "speed": 0.0,
    "since": None,
    "until": None,
    "report": None,
}


def asked(**words: Any) -> Wish:
    return wish(CITY, **{**WORDS, **words})


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Path]:
    """Two hours of a station, in the shape that the shipped map beijing-air reads."""
    names = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station"
    found = []
    for station in ("Here", "There"):
        file = tmp_path / f"{station}.csv"
        rows = [f"{n},2013,3,1,{n},9,9,3,17,300,89,-0.5,1024.5,-21.4,0,NNW,5.7,{station}" for n in (1, 2)]
        file.write_text("\n".join([names, *rows]) + "\n")
        found.append(file)
    return found[0], found[1]


def test_plain_up_plays_a_day_that_never_ends() -> None:
    wanted = asked()
    assert not wanted.finish
    assert wanted.plan.day > 0
    assert wanted.plan.scenario == "smog"


def test_for_makes_an_end() -> None:
    wanted = asked(seconds=60.0, scenario="smog")
    assert wanted.finish
    assert (wanted.plan.day, wanted.plan.seconds, wanted.plan.scenario) == (0, 60.0, "smog")


def test_replay_brings_its_sensors(recorded: tuple[Path, Path]) -> None:
    wanted = asked(files=list(recorded), map_name="beijing-air", speed=3600.0)
    assert wanted.finish
    assert wanted.plan.files == tuple(str(file) for file in recorded)
    assert [line.split(",")[0] for line in wanted.sensors.splitlines()] == ["id", "Here", "There"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"scenario": "smok"}, "did you mean 'smog'"),
        ({"map_name": "metr-la"}, "are for --replay"),
        ({"report": Path("r.json")}, "--report needs --for"),
        ({"files": [CITY / "nowhere.csv"], "map_name": "metr-la"}, "there is no file"),
        ({"files": [CITY / "sensors.csv"]}, "--replay needs --map"),
        ({"files": [CITY / "sensors.csv"], "map_name": "metr-las"}, "did you mean 'metr-la'"),
        ({"files": [CITY / "sensors.csv"], "map_name": "metr-la", "scenario": "smog"}, "choose one"),
    ],
)
def test_words_that_do_not_go_together(words: dict[str, Any], said: str) -> None:
    with pytest.raises(TroubleError, match=said):
        asked(**words)
