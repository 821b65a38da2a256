"""Migrations and what the database promises."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from alerts.database import Database, is_away
from alerts.desk import Desk
from alerts.tables import AlertRow, Base


def test_the_migrations_lead_to_the_tables(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_opening_again_changes_nothing(database_url: str) -> None:
    for _ in range(2):
        desk = Desk(database_url)
        assert desk.counts() == {"open": 0, "acknowledged": 0, "resolved": 0}
        desk.close()
    reader = Desk(database_url, create=False)
    assert reader.last_change() == 0
    reader.close()


def test_two_processes_opening_at_once(tmp_path: Path) -> None:
    code = f"from alerts.desk import Desk; print(Desk('sqlite:///{tmp_path}/new/a.db').counts()['open'])"
    root = Path(__file__).parents[2]
    openers = [subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE) for _ in range(3)]
    assert [opener.communicate(timeout=60)[0] for opener in openers] == [b"0\n"] * 3


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a.db")
    with database.write() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_write_that_raises_leaves_nothing(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.execute(text("INSERT INTO disabled_endpoints VALUES ('e', 1, 'd')"))
        raise ZeroDivisionError
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM disabled_endpoints")) == 0
        assert session.get(AlertRow, "x") is None
    database.close()


def test_away_and_wrong_are_told_apart(tmp_path: Path, database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises((OperationalError, ProgrammingError)) as wrong, database.read() as session:
        session.execute(text("SELECT * FROM nothing"))
    # SQLite has one word for both; it is asked again, which does no harm, and PostgreSQL is not
    assert is_away(wrong.value) == database.sqlite
    database.close()
    pytest.importorskip("psycopg", reason="the extra postgresql is not installed")
    away = Database.__new__(Database)
    with pytest.raises(OperationalError) as gone:
        away.__init__("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")  # type: ignore[misc]
    assert is_away(gone.value)
    assert "postgresql" not in repr(gone.value) or "password" not in repr(gone.value)
