"""The steps that bring a database of alerts to today's tables. They run when a desk is opened."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Brings the tables up to date inside the caller's transaction, so that two processes starting at once do it
    once. Raises alembic's CommandError when the database is newer than this program."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
