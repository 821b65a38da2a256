"""Alembic runs this file: it hands over the connection that the desk has opened."""

from alembic import context

from alerts.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can, Alembic only does not take it for granted
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
