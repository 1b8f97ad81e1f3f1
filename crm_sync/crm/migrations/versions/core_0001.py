"""service-core: users and clients, and the comparison keys of clients.

The tables of the service are made only where they are missing: an existing CRM keeps its own.
"""

from alembic import op

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None


def _manque(table: str) -> bool:
    return bool(op.get_bind().exec_driver_sql(f"select to_regclass('{table}') is null").scalar())


def upgrade() -> None:
    """Create the tables of service-core and this service's share of the schema crm_sync."""
    op.execute("create schema if not exists crm_sync")
    if _manque("service_core.utilisateur"):
        op.execute("create schema if not exists service_core")
        op.execute(
            """
            create table service_core.utilisateur (
                id uuid primary key default gen_random_uuid(),
                email text not null,
                nom text,
                prenom text,
                telephone text,
                role text not null check (role in ('commercial', 'manager', 'admin')),
                manager_id uuid references service_core.utilisateur,
                actif boolean,
                created_at timestamptz not null default now(),
                updated_at timestamptz not null default now()
            )
            """
        )
        op.execute("create unique index utilisateur_email_key on service_core.utilisateur (lower(email))")
        op.execute("create index utilisateur_manager_idx on service_core.utilisateur (manager_id)")
    if _manque("service_core.client_base"):
        op.execute("create schema if not exists service_core")
        op.execute(
            """
            create table service_core.client_base (
                id uuid primary key default gen_random_uuid(),
                nom text not null,
                prenom text,
                email text,
                telephone text,
                statut text,
                identity_card jsonb,
                created_at timestamptz not null default now(),
                updated_at timestamptz not null default now()
            )
            """
        )
        # Hash: an e-mail field may hold ten thousand characters, and a btree refuses the row then.
        op.execute("create index client_base_email_idx on service_core.client_base using hash (lower(email))")
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
