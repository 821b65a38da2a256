"""`urbanpulse silence` and `silences`: what an officer says, on a desk of its own."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alerts.desk import Desk
from alerts.silences import Silence
from tests.support.small_city import SAMPLE
from urbanpulse.cli import app
from urbanpulse.commands import silences
from urbanpulse.settings import Settings
from urbanpulse.trouble import TroubleError

WHO = ("--by", "li", "--because", "the filter is being changed")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    url = f"sqlite:///{tmp_path / 'alerts.db'}"
    desk = Desk(url)
    here: Any = SimpleNamespace(
        alerts_url=url, endpoints=SimpleNamespace(alerts=url), folder=SAMPLE, settings=Settings()
    )
    monkeypatch.setattr(silences, "deployment_of", lambda city, run: here)
    return desk


def call(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def one(desk: Desk) -> Silence:
    [found] = desk.silences(0)
    return found


def test_a_silence_is_made_shown_and_ended(desk: Desk) -> None:
    assert call("silences").output == "nothing is silenced\n"
    made = call("silence", "--rule", "smog-pm25", "--district", "north", "--for", "8h", *WHO)
    assert made.exit_code == 0, (made.output, made.exception)
    found = one(desk)
    assert 0 <= found.begins + 8 * 3_600_000 - found.ends < 60_000, "it begins when the desk hears of it"
    assert made.output.startswith("1: rule smog-pm25, district north, ")
    assert made.output.endswith(": the filter is being changed (li)\n")
    assert call("silences").output == made.output
    ended = call("silences", "--end", "1", "--by", "wu")
    assert ", ended by wu: the filter" in ended.output
    assert call("silences").output == "nothing is silenced\n"
    assert json.loads(call("silences", "--all", "--json").output)[0]["ended_by"] == "wu"


def test_it_may_begin_later_and_end_at_an_hour(desk: Desk) -> None:
    times = ("--from", "2099-01-20T06:00:00Z", "--until", "2099-01-20T08:00:00Z")
    made = call("silence", "--department", "water", *times, *WHO, "--json")
    assert json.loads(made.output)["begins"] == 4_072_572_000_000
    assert one(desk).ends == 4_072_579_200_000


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rule", "smog-pm25"), "say when it ends: --for 2h, or --until"),
        (("--rule", "smog-pm25", "--for", "2h", "--until", "2099-01-01"), "say when it ends"),
        (("--rule", "smog-pm25", "--for", "soon"), "'soon' is not a length of time"),
        (("--rule", "smog-pm2", "--for", "2h"), "the city has no rule 'smog-pm2': did you mean 'smog-pm25'?"),
        (("--sensor", "air-centre-1", "--for", "2h"), "the city has no sensor 'air-centre-1': did you mean"),
        (("--district", "atlantis", "--for", "2h"), "the city has no district 'atlantis'"),
        (("--department", "watter", "--for", "2h"), "the city has no department 'watter': did you mean 'water'?"),
        (("--for", "2h"), "a silence names a rule, a sensor, a district or a department"),
        (("--rule", "smog-pm25", "--for", "31d"), "30 days at most"),
        (("--rule", "smog-pm25", "--until", "2020-01-01"), "ends after it begins"),
    ],
)
def test_a_slip_of_the_pen_silences_nothing(desk: Desk, words: tuple[str, ...], told: str) -> None:
    done = call("silence", *words, *WHO)
    assert isinstance(done.exception, TroubleError) and told in str(done.exception)
    assert desk.silences(0, ended=True) == []


def test_an_area_has_a_name_too(desk: Desk) -> None:
    assert call("silence", "--sensor", "ringroad-05>ringroad-06", "--for", "2h", *WHO).exit_code == 0


def test_ending_what_is_not_there(desk: Desk) -> None:
    assert "there is no silence 7" in str(call("silences", "--end", "7", "--by", "li").exception)
    call("silence", "--rule", "smog-pm25", "--for", "8h", *WHO)
    assert "a name has 1 to 200" in str(call("silences", "--end", "1").exception)
