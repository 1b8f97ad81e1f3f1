"""Source and links side by side: one view per entity, from which each stage takes what waits and what stands beside it."""

from alembic import op

revision = "sync_0003"
down_revision = "sync_0002"
branch_labels = None
depends_on = None

# What is not as it was last applied waits; what is older than that does not (product.md, promise 4). A row that was undone
# waits only once the source has changed, and is then made anew.
CHANGE = "(l.source_id is null or l.etat = 'prevu' or l.empreinte is distinct from n.empreinte)"
ANCIENNE = "coalesce(l.etat <> 'prevu' and n.modifie_a < l.source_modifie_a, false)"
# What a person decided of a prospect is carried out though the last answer lacks it.
A_REDECIDER = "coalesce(n.source_id is not null and l.etat = 'ecrit' and l.empreinte is null, false)"
LIEN = """
    case when l.etat <> 'retire' then l.crm_id end as crm_id,
    l.etat,
    l.empreinte as lien_empreinte,
    l.source_modifie_a as lien_modifie_a,
    l.source_le as lien_source_le,
    l.vu"""

CLIENT = f"""
create view crm_sync.rapprochement_client as
select
    coalesce(n.source_id, l.source_id) as source_id,
    coalesce(n.source_id, l.source_id) as id_prospect,
    n.noeuds,
    n.nom,
    n.prenom,
    n.email,
    n.telephone,
    n.naissance,
    n.identity_card,
    n.cle_nom,
    n.cle_prenom,
    n.cle_email,
    n.cles_telephone,
    n.modifie_a,
    n.vu_le,
    n.empreinte,
    n.present,
    {LIEN},
    l.base ->> 'nom' as base_nom,
    l.base ->> 'prenom' as base_prenom,
    l.base ->> 'email' as base_email,
    l.base ->> 'telephone' as base_telephone,
    l.base ->> 'identity_card' as base_identity_card,
    coalesce(((n.present and {CHANGE}) or {A_REDECIDER}) and not {ANCIENNE}, false) as attend,
    coalesce(n.present and {ANCIENNE}, false) as ancienne
from crm_sync.clients as n
full join (select * from crm_sync.lien where entite = 'client') as l on l.source_id = n.source_id
"""

# The reserved apporteur is wanted once a contract waits that names nobody usable, and one that was undone once the source
# has since sent a contract that names them: one that was put aside before, and still is, brings nobody back.
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
create view crm_sync.rapprochement_apporteur as
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
    {LIEN},
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
    where exists (
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

# A prospect's client, where the prospect has been decided as it is now: what hangs on one that is put aside waits with it.
CLIENT_TENU = """
create view crm_sync.client_tenu as
select l.source_id, l.crm_id
from crm_sync.lien as l
inner join crm_sync.clients as p on p.source_id = l.source_id
where
    l.entite = 'client'
    and l.etat = 'ecrit'
    and (l.empreinte = p.empreinte or p.modifie_a < l.source_modifie_a)
"""

# A sales rep who is somebody else now, or was made only now, is news; one who lost to another node of the contract is not.
CONTRAT = f"""
create view crm_sync.rapprochement_contrat as
select
    coalesce(n.source_id, l.source_id) as source_id,
    n.id_prospect,
    n.noeuds,
    n.cle_reference,
    n.reference,
    n.description,
    n.statut,
    n.statut_source,
    n.type,
    n.fournisseur,
    n.produit,
    n.montant,
    n.date_signature,
    n.date_validation,
    n.document_url,
    n.audit_trail_url,
    n.modifie_a,
    n.vu_le,
    n.empreinte,
    n.present,
    c.crm_id as client_id,
    a.crm_id as commercial_id,
    {LIEN},
    l.base ->> 'reference' as base_reference,
    l.base ->> 'description' as base_description,
    l.base ->> 'statut' as base_statut,
    l.base ->> 'statut_source' as base_statut_source,
    l.base ->> 'type' as base_type,
    l.base ->> 'fournisseur' as base_fournisseur,
    l.base ->> 'produit' as base_produit,
    l.base ->> 'montant' as base_montant,
    l.base ->> 'date_signature' as base_date_signature,
    l.base ->> 'date_validation' as base_date_validation,
    l.base ->> 'document_url' as base_document_url,
    l.base ->> 'audit_trail_url' as base_audit_trail_url,
    l.base ->> 'client_id' as base_client_id,
    l.base ->> 'commercial_id' as base_commercial_id,
    coalesce(
        c.crm_id is not null
        and not {ANCIENNE}
        and (
            (n.present and {CHANGE})
            or (l.etat <> 'retire' and c.crm_id is distinct from l.base ->> 'client_id')
            or (
                n.present
                and l.etat <> 'retire'
                and a.crm_id <> coalesce(l.base ->> 'commercial_id', '')
                and a.applique_le > l.applique_le
            )
        ),
        false
    ) as attend,
    coalesce(n.present and {ANCIENNE}, false) as ancienne
from crm_sync.contrats as n
full join (select * from crm_sync.lien where entite = 'contrat') as l on l.source_id = n.source_id
left join crm_sync.client_tenu as c on c.source_id = n.id_prospect
left join (select * from crm_sync.lien where entite = 'apporteur' and etat = 'ecrit') as a
    on a.source_id = n.commercial_source_id
"""

INFORMATION_PAIEMENT = f"""
create view crm_sync.rapprochement_information_paiement as
select
    coalesce(n.source_id, l.source_id) as source_id,
    n.id_prospect,
    n.noeuds,
    n.iban,
    n.bic,
    n.modifie_a,
    n.vu_le,
    n.empreinte,
    n.present,
    c.crm_id as client_id,
    {LIEN},
    l.base ->> 'iban' as base_iban,
    l.base ->> 'bic' as base_bic,
    l.base ->> 'client_id' as base_client_id,
    coalesce(
        n.present
        and c.crm_id is not null
        and not {ANCIENNE}
        and ({CHANGE} or (l.etat <> 'retire' and c.crm_id is distinct from l.base ->> 'client_id')),
        false
    ) as attend,
    coalesce(n.present and {ANCIENNE}, false) as ancienne
from crm_sync.informations_paiement as n
full join (select * from crm_sync.lien where entite = 'information_paiement') as l on l.source_id = n.source_id
left join crm_sync.client_tenu as c on c.source_id = n.id_prospect
"""


def upgrade() -> None:
    """Create the views."""
    for view in (CLIENT, CLIENT_TENU, APPORTEUR, CONTRAT, INFORMATION_PAIEMENT):
        op.execute(view)
