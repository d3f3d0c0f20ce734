"""Alembic's entry: runs migrations on the connection it is given."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
