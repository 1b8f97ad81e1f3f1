"""The built-in tables of service-core: users and clients.

For who has no CRM yet: nothing of this runs where CRM_MAPPING names an existing one. Each table is made only where it is missing.
"""

from alembic import op

revision = "crm_core_0001"
down_revision = None
branch_labels = ("crm_core",)
depends_on = None


def _manque(table: str) -> bool:
    return bool(op.get_bind().exec_driver_sql(f"select to_regclass('{table}') is null").scalar())


def upgrade() -> None:
    """Create the tables."""
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
