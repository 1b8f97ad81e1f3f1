"""What is ours beside the bank details: which lots were applied."""

from alembic import op

revision = "finance_0001"
down_revision = None
branch_labels = ("finance",)
depends_on = None


def upgrade() -> None:
    """Create this service's share of the schema crm_sync."""
    op.execute("create schema if not exists crm_sync")
    op.execute(
        """
        create table if not exists crm_sync.lot_applique (
            lot_id uuid primary key,
            applique_le timestamptz not null default now(),
            refuses text[] not null default '{}'
        )
        """
    )
