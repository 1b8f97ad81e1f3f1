-- nom: en_attente
-- Contracts of the source that are not in the CRM as the source has them, or whose client or sales rep is now another
-- row: one row per prospect and reference.
select
    n.source_id,
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
    n.empreinte,
    c.crm_id as client_id,
    a.crm_id as commercial_id,
    l.crm_id,
    l.etat,
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
    l.base ->> 'commercial_id' as base_commercial_id
from crm_sync.contrats as n
left join crm_sync.lien as l on l.entite = 'contrat' and l.source_id = n.source_id
inner join crm_sync.lien as c
    on c.entite = 'client' and c.source_id = n.id_prospect and c.etat = 'ecrit'
left join crm_sync.lien as a
    on a.entite = 'apporteur' and a.source_id = n.commercial_source_id and a.etat = 'ecrit'
where
    n.present
    and (
        l.source_id is null
        or l.etat = 'prevu'
        or l.empreinte <> n.empreinte
        or c.crm_id is distinct from l.base ->> 'client_id'
        or a.crm_id <> coalesce(l.base ->> 'commercial_id', '')
    );

-- nom: ecartes
-- Those of a prospect that has no client, because it is put aside itself.
select n.source_id, n.id_prospect, n.noeuds, 'client_ecarte' as motif
from crm_sync.contrats as n
where
    n.present
    and not exists (
        select 1
        from crm_sync.lien as c
        where c.entite = 'client' and c.source_id = n.id_prospect and c.etat = 'ecrit'
    );

-- nom: lien_non_attribue
select crm_id from crm_sync.lien where entite = 'apporteur' and source_id = 'non_attribue' and etat = 'ecrit';

-- nom: references
-- Every contract of the CRM by reference: read only when a contract without link waits.
select id::text as crm_id, reference, client_id::text as client_id from {contrat};

-- nom: clients_existants
-- Which of these clients the CRM still has.
select id::text from {client} where id::text = any(%(ids)s::text[]);

-- nom: vendre_crees
-- Who holds each contract made a moment ago that is signed; never the reserved apporteur. One row per contract.
insert into crm_sync.contrat_vente (contrat_id, commercial_id, vu_signe_le)
select crm_id, commercial_id, now()
from plan_du_lot
where
    action = 'creation'
    and (date_signature is not null or statut = any(%(vendus)s::text[]))
    and commercial_id is distinct from %(non_attribue)s::text
    and crm_id <> all(%(refuses)s::text[])
on conflict (contrat_id) do nothing;

-- nom: vendre
-- Who held each decided contract when it was first seen signed: set once, never to the reserved apporteur.
insert into crm_sync.contrat_vente (contrat_id, commercial_id, vu_signe_le)
select t.id::text, t.commercial_id::text, now()
from {contrat} as t
inner join vus on vus.crm_id = t.id::text
where
    (t.date_signature is not null or t.statut = any(%(vendus)s::text[]))
    and t.commercial_id::text is distinct from %(non_attribue)s::text
on conflict (contrat_id) do nothing;
