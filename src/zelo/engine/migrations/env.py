"""Alembic's entry: the connection is handed in by engine.migrate, inside its transaction."""

from alembic import context

from zelo.engine.schema.all import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
