"""What a process of an idle city carries in its memory: there are ten of them, and libraries are most of it."""

import subprocess
import sys

import pytest

from tests.support.command import ROOT


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("urbanpulse.up", {"faust", "fastapi", "httpx", "sqlalchemy"}),  # it watches the others and sends nothing
        ("urbanpulse.part", {"kafka", "paho", "rules.rule", "typer"}),  # all that mqtt and department need of ours
        ("streams.record", {"rules.rule"}),
        ("console.service", {"faust", "httpx", "paho"}),
    ],
)
def test_a_process_does_not_carry_what_others_need(module: str, without: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    listed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    loaded = set(listed.split())
    assert module in loaded
    assert not loaded & without
