from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from tests.support.servers import Postgres, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running(Postgres) as server:
        assert isinstance(server, Postgres)
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.connected)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind; the PostgreSQL one needs a server, so it is a connected test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/alerts.db"
    url: str = request.getfixturevalue("postgres").url
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE"))
        connection.execute(sqlalchemy.text("CREATE SCHEMA public"))
    engine.dispose()
    return url
