"""Which transaction applied a lot: the rows that still bear its number were last written by us, whatever times they have."""

from alembic import op

revision = "finance_0002"
down_revision = "finance_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the transaction to the marks of applied lots; services that share a database share them."""
    op.execute("alter table crm_sync.lot_applique add column if not exists transaction_id xid8")
