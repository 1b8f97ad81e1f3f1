"""service-finance: bank details, the one new entity.

The table is made only where it is missing: an existing CRM keeps its own.
"""

from alembic import op

revision = "finance_0001"
down_revision = None
branch_labels = ("finance",)
depends_on = None


def _manque(table: str) -> bool:
    return bool(op.get_bind().exec_driver_sql(f"select to_regclass('{table}') is null").scalar())


def upgrade() -> None:
    """Create the table of service-finance and this service's share of the schema crm_sync."""
    op.execute("create schema if not exists crm_sync")
    if _manque("service_finance.information_paiement_bancaire"):
        op.execute("create schema if not exists service_finance")
        op.execute(
            """
            create table service_finance.information_paiement_bancaire (
                id uuid primary key default gen_random_uuid(),
                client_id uuid,
                iban text,
                bic text,
                created_at timestamptz not null default now(),
                updated_at timestamptz not null default now(),
                unique (client_id, iban)
            )
            """
        )
    op.execute(
        """
        create table if not exists crm_sync.lot_applique (
            lot_id uuid primary key,
            applique_le timestamptz not null default now(),
            refuses text[] not null default '{}'
        )
        """
    )
