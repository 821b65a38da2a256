"""The database of alerts: SQLite by default, PostgreSQL by its URL. Writers take turns, readers never wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from alerts.migrations import upgrade
from rules.secret import Secret

TURN = 0x757062616C6572
"""The key of PostgreSQL's advisory lock by which writers take turns (SQLite has a lock of its own)."""

BUSY_MS = 15_000
"""How long a SQLite writer waits for its turn."""


DatabaseError = SQLAlchemyError
"""What reading or writing may raise."""


def with_password(url: str, password: Secret) -> str:
    """The url with the password in it, so never for a log."""
    return make_url(url).set(password=password.reveal()).render_as_string(hide_password=False)


def is_away(error: DBAPIError) -> bool:
    """The database cannot be reached, is locked or full: the same statement may work later. Anything else is about
    the data, and would fail again."""
    return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated


class Database:
    """`url` is SQLAlchemy's: `sqlite:///folder/alerts.db`, `postgresql://user:password@host/name`.

    Raises ValueError for another kind of database, and FileNotFoundError when `create` is False and the SQLite file
    does not exist.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        if self.sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("the database of alerts is a file: an outbox in memory would forget what it owes")
            path = Path(parsed.database)
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            elif not path.exists():
                raise FileNotFoundError(f"no database of alerts at {path}")
        elif parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        else:
            raise ValueError(f"the database of alerts is sqlite or postgresql, not {parsed.get_backend_name()}")
        self._engine = create_engine(parsed, pool_pre_ping=not self.sqlite)
        if self.sqlite:
            _prepare_sqlite(self._engine)
        self._writer = self._engine.execution_options(writes=True)
        if create:
            with self._writer.begin() as connection:
                self._take_turn(connection)
                upgrade(connection)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that others see whole or not at all. Two are never open at once, so what it reads stays
        true until it ends, and sequence numbers grow in the order of committing."""
        with Session(self._writer) as session, session.begin():
            self._take_turn(session.connection())
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent look."""
        with Session(self._engine) as session:
            yield session

    def close(self) -> None:
        self._engine.dispose()

    def _take_turn(self, connection: Connection) -> None:
        if not self.sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, record: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None  # the driver would begin transactions by itself, and too late
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # a writer asks for the lock at once: one that read first and wrote later could be refused in the middle
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
