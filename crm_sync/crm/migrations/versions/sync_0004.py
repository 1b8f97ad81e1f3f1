"""Links tell their state without a join, and the reserved apporteur is looked for only until it is there."""

from alembic import op

revision = "sync_0004"
down_revision = "sync_0003"
branch_labels = None
depends_on = None

# The lots that were never applied are few, mostly none: a link asks for its own among them, and joins nothing.
LIEN = """
create or replace view crm_sync.lien as
select
    l.entite,
    l.source_id,
    l.crm_id,
    case
        when l.retire_le is not null then 'retire'
        when
            l.lot_id is null
            or l.lot_id not in (select o.lot_id from crm_sync.lot as o where o.etat <> 'applique')
            then 'ecrit'
        else 'prevu'
    end as etat,
    l.regle,
    l.preuve,
    l.base,
    l.empreinte,
    l.source_modifie_a,
    l.cree_le,
    l.applique_le,
    l.source_le,
    l.vu
from crm_sync.lien_externe as l
"""

# As in sync_0003, but for `non_attribue`: once that one is there as it is to be, no contract makes it wait.
CHANGE = "(l.source_id is null or l.etat = 'prevu' or l.empreinte is distinct from n.empreinte)"
ANCIENNE = "coalesce(l.etat <> 'prevu' and n.modifie_a < l.source_modifie_a, false)"
VOULUS = """(
    select coalesce(c.source_id, 'non_attribue')
    from crm_sync.contrats as k
    left join crm_sync.commercial_retenu as c on c.source_id = k.commercial_source_id and c.cle_email is not null
    inner join crm_sync.lien_externe as r
        on r.entite = 'apporteur' and r.source_id = coalesce(c.source_id, 'non_attribue') and k.vu_le > r.retire_le
    left join crm_sync.lien_externe as kl on kl.entite = 'contrat' and kl.source_id = k.source_id
    where k.present and kl.empreinte is distinct from k.empreinte
)"""
APPORTEUR = f"""
create or replace view crm_sync.rapprochement_apporteur as
select
    coalesce(n.source_id, l.source_id) as source_id,
    null::text as id_prospect,
    n.noeuds,
    n.nom,
    n.prenom,
    n.email,
    n.telephone,
    n.cle_email,
    n.modifie_a,
    n.vu_le,
    n.empreinte,
    u.crm_id as utilisateur_id,
    u.etat as utilisateur_etat,
    case when l.etat <> 'retire' then l.crm_id end as crm_id,
    l.etat,
    l.empreinte as lien_empreinte,
    l.source_modifie_a as lien_modifie_a,
    l.source_le as lien_source_le,
    l.vu,
    l.base ->> 'utilisateur_id' as base_utilisateur_id,
    l.base ->> 'nom' as base_nom,
    l.base ->> 'prenom' as base_prenom,
    l.base ->> 'email' as base_email,
    l.base ->> 'telephone' as base_telephone,
    coalesce(
        ({CHANGE} or (l.etat = 'retire' and n.source_id in {VOULUS}))
        and not {ANCIENNE}
        and n.source_id is not null
        and (n.cle_email is not null or l.source_id is not null or n.source_id = 'non_attribue'),
        false
    ) as attend,
    {ANCIENNE} as ancienne
from (
    select source_id, nom, prenom, email, telephone, cle_email, modifie_a, vu_le, empreinte, noeuds
    from crm_sync.commercial_retenu
    union all
    select 'non_attribue', 'Non attribué', null, null, null, null, null, '1970-01-01', '1', 0
    where
        not exists (
            select 1
            from crm_sync.lien as r
            where r.entite = 'apporteur' and r.source_id = 'non_attribue' and r.etat = 'ecrit' and r.empreinte = '1'
        )
        and exists (
            select 1
            from crm_sync.contrats as k
            left join crm_sync.lien as kl on kl.entite = 'contrat' and kl.source_id = k.source_id
            left join crm_sync.commercial_retenu as c
                on c.source_id = k.commercial_source_id and c.cle_email is not null
            where
                k.present
                and (kl.source_id is null or (kl.etat = 'retire' and kl.empreinte is distinct from k.empreinte))
                and c.source_id is null
        )
) as n
full join (select * from crm_sync.lien where entite = 'apporteur') as l on l.source_id = n.source_id
left join (select * from crm_sync.lien where entite = 'utilisateur') as u
    on u.source_id = coalesce(n.source_id, l.source_id)
"""


def upgrade() -> None:
    """Replace the views."""
    op.execute(LIEN)
    op.execute(APPORTEUR)
