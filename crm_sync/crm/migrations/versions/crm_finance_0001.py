"""The built-in tables of service-finance: bank details, the one new entity.

For who has no CRM yet: nothing of this runs where CRM_MAPPING names an existing one. Each table is made only where it is missing.
"""

from alembic import op

revision = "crm_finance_0001"
down_revision = None
branch_labels = ("crm_finance",)
depends_on = None


def _manque(table: str) -> bool:
    return bool(op.get_bind().exec_driver_sql(f"select to_regclass('{table}') is null").scalar())


def upgrade() -> None:
    """Create the tables."""
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
