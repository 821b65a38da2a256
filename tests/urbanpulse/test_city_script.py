"""./city with a Python that only writes down what it is asked: when it installs, when it does not, what it says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/bin/sh
case "$*" in
*version_info*) exit {fits} ;;
-V | --version) echo "Python {version}" ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip "*) echo "pip" >>{calls}; exit {pip} ;;
*) echo "$PWD: $*" >>{calls} ;;
esac
"""


class Script:
    """A copy of ./city in a folder of its own, with one python3 on its path."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder / "project", folder / "calls"
        self.folder.mkdir()
        self.calls.touch()
        for name in ("city", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.folder / name)
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in ("sh", "cat", "cmp", "mv", "rm", "mkdir", "cp", "dirname"):
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        self.python()

    def python(self, fits: int = 0, version: str = "3.12.1", pip: int = 0) -> None:
        file = self.bin / "python3"
        file.write_text(PYTHON.format(fits=fits, version=version, pip=pip, calls=self.calls))
        file.chmod(0o755)

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        return subprocess.run(
            [self.folder / "city", *words],
            cwd=self.elsewhere,
            env={"PATH": str(self.bin), "HOME": os.environ.get("HOME", "/")},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


def test_it_installs_once_and_hands_over_from_any_folder(script: Script) -> None:
    assert script("check", "my city").returncode == 0
    assert script.called() == ["pip", f"{script.elsewhere}: -m urbanpulse check my city"]
    script("up")
    assert script.called() == [f"{script.elsewhere}: -m urbanpulse up"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_it_installs_again_when_what_is_wanted_has_changed(script: Script, name: str) -> None:
    script("install")
    with (script.folder / name).open("a") as file:
        file.write("# changed\n")
    script("install")
    assert script.called() == ["pip"]
    script("install")
    assert script.called() == []


def test_tests_run_in_the_project_with_further_words(script: Script) -> None:
    script("test", "-k", "one thing")
    ran = script.called()[-1]
    assert ran.startswith(f"{script.folder}: -m pytest ")
    assert ran.endswith(" -k one thing")


def test_a_python_that_is_too_old_is_said(script: Script) -> None:
    script.python(fits=1, version="3.9.2")
    done = script("up")
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed; python3 here is Python 3.9.2" in done.stderr
    assert not (script.folder / ".venv").exists()


def test_no_python_at_all(script: Script) -> None:
    (script.bin / "python3").unlink()
    done = script("up")
    assert done.returncode == 1
    assert "is needed" in done.stderr


def test_a_pip_that_fails_is_said_and_tried_again(script: Script) -> None:
    script.python(pip=1)
    done = script("up")
    assert done.returncode == 1
    assert "pip could not install the project" in done.stderr
    shutil.rmtree(script.folder / ".venv")
    script.python()
    assert script("up").returncode == 0
    assert script.called()[0] == "pip"


def test_without_a_word_it_says_which_there_are(script: Script) -> None:
    done = script()
    assert done.returncode == 2
    assert "./city up" in done.stderr
    assert "./city test" in done.stderr
