"""`urbanpulse check`: every fault of every file, with its place and what to do; nothing starts on a faulty city."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.faults import Fault, FaultsError
from urbanpulse import snapshot
from urbanpulse.authors.sources import read_authored
from urbanpulse.city import load
from urbanpulse.reloading import fingerprint

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "deploy" / "sample-city"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "city"))


def command(*words: str, runs: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("URBANPULSE_")}
    return subprocess.run(
        [sys.executable, "-m", "urbanpulse", *words],
        env={**own, "URBANPULSE_RUNS": str(runs), **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def faults_of(city: Path) -> list[Fault]:
    with pytest.raises(FaultsError) as caught:
        load(city, {})
    return caught.value.faults


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def test_the_sample_city_is_without_fault(tmp_path: Path) -> None:
    done = command("check", runs=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no fault. 632 sensors, 37 rules, 4 departments." in done.stdout


@pytest.mark.parametrize(
    ("file", "change", "key", "words"),
    [
        pytest.param("city.toml", replaced("partitions =", "partition ="), "kafka.partition", "partitions", id="key"),
        pytest.param("sensors.csv", replaced("co=ppm", "co=ounces"), "metrics", "ounces", id="unit"),
        pytest.param("sensors.csv", replaced(",environment,", ",gardens,"), "department", "gardens", id="department"),
        pytest.param("rules/air.yaml", replaced("metric: pm25", "metrik: pm25"), "rules[0].", "metric", id="rule-key"),
        pytest.param("departments.yaml", replaced("title:", "titel:"), "environment", "title", id="titel"),
    ],
)
def test_a_fault_has_its_file_and_key(
    city: Path, file: str, change: Callable[[str], str], key: str, words: str
) -> None:
    path = city / file
    path.write_text(change(path.read_text()))
    found = faults_of(city)
    assert {fault.file for fault in found} == {str(path)}
    assert any(key in fault.key and words in str(fault) for fault in found), found


@pytest.mark.parametrize("name", ["sensors.csv", "departments.yaml"])
def test_a_missing_file_is_a_fault(city: Path, name: str) -> None:
    (city / name).unlink()
    assert any(fault.file == str(city / name) for fault in faults_of(city))


def test_a_city_without_rules_and_a_stray_yml(city: Path) -> None:
    for path in (city / "rules").glob("*.yaml"):
        path.rename(path.with_suffix(".yml"))
    found = faults_of(city)
    assert any("ends in .yaml" in fault.message for fault in found)
    assert any("no files of rules" in fault.message for fault in found)


def test_a_file_that_is_not_utf8(city: Path) -> None:
    (city / "sensors.csv").write_bytes(b"id,kind\n\xff\xfe")
    assert any("not UTF-8" in fault.message for fault in faults_of(city))


def test_every_fault_is_printed_at_once_and_the_status_is_1(city: Path, tmp_path: Path) -> None:
    (city / "city.toml").write_text("[kafka]\npartitions = 0\n")
    (city / "departments.yaml").write_text("departments: {}\nstray: 1\n")
    done = command("check", str(city), runs=tmp_path)
    assert done.returncode == 1
    assert f"{city}/city.toml:2: kafka.partitions: " in done.stderr
    assert f"{city}/departments.yaml:" in done.stderr
    assert "faults; nothing was started" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_such_folder(tmp_path: Path) -> None:
    done = command("check", str(tmp_path / "nowhere"), runs=tmp_path)
    assert done.returncode == 1
    assert "there is no such folder" in done.stderr


def test_nothing_starts_on_a_faulty_city(city: Path, tmp_path: Path) -> None:
    (city / "city.toml").write_text("[console]\nport = 99999\n")
    done = command("up", str(city), "--for", "5", runs=tmp_path / "runs")
    assert done.returncode == 1
    assert "console.port" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_wrong_name_in_the_environment_stops_everything(tmp_path: Path) -> None:
    done = command("check", runs=tmp_path, URBANPULSE_KAFKA_URL="a:1")
    assert done.returncode == 1
    assert "did you mean 'URBANPULSE_KAFKA__URL'?" in done.stderr


def test_a_secret_named_by_a_department_is_no_stray_setting(city: Path) -> None:
    assert load(city, {"URBANPULSE_WEBHOOK_SECRET": "whsec_x"}).departments


def test_who_sets_a_citys_standards_is_said_and_everybody_goes_by_them(city: Path, tmp_path: Path) -> None:
    (city / "standards.yaml").write_text("noise: {source: order 12/2026, day_begins: 7}\n")
    done = command("check", str(city), runs=tmp_path)
    assert done.returncode == 0 and "standards.yaml sets noise: order 12/2026\n" in done.stdout
    snapshot.take(city, tmp_path / "copy")
    for indices in (
        load(city, {}).catalogue.indices,
        load(tmp_path / "copy", {}).catalogue.indices,
        read_authored([city]).indices,
    ):
        assert indices is not None and indices.standards.noise.day_begins == 7
    seen = fingerprint(city)
    (city / "standards.yaml").write_text("noise: {source: order 12/2026, day_begins: 25}\n")
    assert fingerprint(city) != seen
    [fault] = faults_of(city)
    assert (fault.file, fault.line, fault.key) == (str(city / "standards.yaml"), 1, "noise.day_begins")
