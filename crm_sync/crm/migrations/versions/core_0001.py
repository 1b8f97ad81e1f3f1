"""What is ours beside the users and clients: which lots were applied, and the comparison keys of clients."""

from alembic import op

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
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
        create unlogged table crm_sync.cle_client (
            client_id text primary key,
            nom text,
            prenom text,
            email text,
            telephone text,
            cle_nom text,
            cle_prenom text,
            cle_email text,
            cles_telephone text
        )
        """
    )
    op.execute("create index cle_client_email_idx on crm_sync.cle_client (cle_email)")
    op.execute(
        "comment on table crm_sync.cle_client is "
        "'Clés de comparaison d''un client, avec les valeurs dont elles viennent'"
    )
