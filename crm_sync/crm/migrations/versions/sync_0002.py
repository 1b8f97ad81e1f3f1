"""Links are put in by COPY: when they were applied is a default."""

from alembic import op

revision = "sync_0002"
down_revision = "sync_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give `lien_externe.applique_le` a default."""
    op.execute("alter table crm_sync.lien_externe alter column applique_le set default now()")
