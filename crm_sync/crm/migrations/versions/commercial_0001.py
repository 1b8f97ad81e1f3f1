"""What is ours beside the sales reps and contracts: which lots were applied, and who sold a contract."""

from alembic import op

revision = "commercial_0001"
down_revision = None
branch_labels = ("commercial",)
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
    op.execute(
        """
        create table crm_sync.contrat_vente (
            contrat_id text primary key,
            commercial_id text not null,
            vu_signe_le timestamptz not null
        )
        """
    )
    op.execute(
        "comment on table crm_sync.contrat_vente is "
        "'Vendu par : qui tenait le contrat quand il a été vu signé pour la première fois ; posé une fois'"
    )
