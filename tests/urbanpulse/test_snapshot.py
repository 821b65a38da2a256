"""The copy of a city that a run reads: whole, without secrets, its webhooks where the practice receiver is."""

import shutil
from pathlib import Path

import pytest

from urbanpulse import snapshot
from urbanpulse.city import load
from urbanpulse.trouble import TroubleError

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample-city"


def test_the_copy_is_the_same_city(tmp_path: Path) -> None:
    snapshot.take(SAMPLE, tmp_path / "copy")
    copy, origin = load(tmp_path / "copy", {}), load(SAMPLE, {})
    assert copy.catalogue.hash == origin.catalogue.hash
    assert copy.departments == origin.departments


def test_secrets_stay_where_they_are_and_are_found_there(tmp_path: Path) -> None:
    origin = Path(shutil.copytree(SAMPLE, tmp_path / "origin"))
    (origin / "token").write_text("t0ken")
    (origin / "city.toml").write_text('[store]\ntoken_file = "token"\n')
    snapshot.take(origin, tmp_path / "copy")
    assert not (tmp_path / "copy" / "token").exists()
    token = load(tmp_path / "copy", {}, origin).settings.store.token
    assert token is not None
    assert token.reveal() == "t0ken"


def test_webhooks_follow_the_receiver(tmp_path: Path) -> None:
    snapshot.take(SAMPLE, tmp_path / "copy", receiver=(8099, 41234))
    text = (tmp_path / "copy" / "departments.yaml").read_text()
    assert "127.0.0.1:41234/hooks/water" in text
    assert '"http://127.0.0.1:8099' not in text


def test_only_the_receivers_own_port_is_changed() -> None:
    elsewhere = "url: http://127.0.0.1:80990/x\nurl: https://city.example:8099/x\n"
    assert snapshot.redirect(elsewhere, 8099, 1) == elsewhere


def test_recorded_sensors_join_the_registry(tmp_path: Path) -> None:
    rows = "id,kind,department,district,lat,lon,metrics,interval\nX-1,air,environment,north,51.0,13.7,pm25,1h\n"
    snapshot.take(SAMPLE, tmp_path / "copy", rows)
    sensors = load(tmp_path / "copy", {}).sensors
    assert len(sensors) == 633
    assert sensors["X-1"].interval == 3_600_000
    assert sensors["air-centre-01"] == load(SAMPLE, {}).sensors["air-centre-01"]


def test_a_recorded_sensor_with_a_name_that_is_taken_is_refused() -> None:
    registry = "id,kind\na,air\n"
    assert snapshot.add_rows(registry, registry) == registry
    with pytest.raises(TroubleError, match="has a sensor 'a'"):
        snapshot.add_rows(registry, "id,kind\na,noise\n")
