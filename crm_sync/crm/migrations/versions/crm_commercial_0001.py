"""The built-in tables of service-commercial: sales reps, contracts, and the KPI tables.

For who has no CRM yet: nothing of this runs where CRM_MAPPING names an existing one. Each table is made only where it is missing.
"""

from alembic import op

revision = "crm_commercial_0001"
down_revision = None
branch_labels = ("crm_commercial",)
depends_on = None


def _manque(table: str) -> bool:
    return bool(op.get_bind().exec_driver_sql(f"select to_regclass('{table}') is null").scalar())


def upgrade() -> None:
    """Create the tables."""
    if _manque("service_commercial.apporteur"):
        op.execute("create schema if not exists service_commercial")
        op.execute(
            """
            create table service_commercial.apporteur (
                id uuid primary key default gen_random_uuid(),
                utilisateur_id uuid unique,
                nom text,
                prenom text,
                email text,
                telephone text,
                created_at timestamptz not null default now(),
                updated_at timestamptz not null default now()
            )
            """
        )
        op.execute("create index apporteur_email_idx on service_commercial.apporteur using hash (lower(email))")
    if _manque("service_commercial.contrat"):
        op.execute("create schema if not exists service_commercial")
        op.execute(
            """
            create table service_commercial.contrat (
                id uuid primary key default gen_random_uuid(),
                reference text not null unique,
                description text,
                statut text,
                statut_source text,
                type text,
                fournisseur text,
                produit text,
                montant numeric(12, 2),
                date_signature timestamptz,
                date_validation timestamptz,
                document_url text,
                audit_trail_url text,
                client_id uuid not null,
                commercial_id uuid not null references service_commercial.apporteur,
                created_at timestamptz not null default now(),
                updated_at timestamptz not null default now()
            )
            """
        )
        op.execute("create index contrat_client_idx on service_commercial.contrat (client_id)")
        op.execute("create index contrat_commercial_idx on service_commercial.contrat (commercial_id)")
    if _manque("service_commercial.kpi_contrats_par_commercial"):
        op.execute("create schema if not exists service_commercial")
        op.execute(
            """
            create table service_commercial.kpi_contrats_par_commercial (
                commercial_id uuid primary key,
                utilisateur_id uuid,
                manager_id uuid,
                nom text,
                prenom text,
                nb_contrats integer not null,
                nb_en_attente integer not null,
                nb_signes integer not null,
                nb_valides integer not null,
                nb_annules integer not null,
                nb_resilies integer not null,
                nb_autres integer not null,
                nb_clients integer not null,
                montant_total numeric(18, 2) not null,
                montant_valide numeric(18, 2) not null,
                part numeric(7, 6) not null,
                rang integer not null,
                dernier_contrat_le timestamptz,
                calcule_le timestamptz not null,
                nb_vendus integer not null,
                montant_vendu numeric(18, 2) not null
            )
            """
        )
    if _manque("service_commercial.kpi_contrats_par_mois"):
        op.execute("create schema if not exists service_commercial")
        op.execute(
            """
            create table service_commercial.kpi_contrats_par_mois (
                commercial_id uuid not null,
                mois date,
                statut text not null,
                nb_contrats integer not null,
                montant numeric(18, 2) not null,
                unique nulls not distinct (commercial_id, mois, statut)
            )
            """
        )
