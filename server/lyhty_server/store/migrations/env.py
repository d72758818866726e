"""Alembic reads this file when migrations run; the connection comes from run.py, with its transaction begun."""

from alembic import context

from lyhty_server.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
