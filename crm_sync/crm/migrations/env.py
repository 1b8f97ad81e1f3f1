"""Alembic's entry: runs the revisions of one part (sync, core, commercial, finance) on the given connection."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table="alembic_version",
    version_table_schema="crm_sync",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
