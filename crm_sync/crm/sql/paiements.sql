-- nom: en_attente
-- Bank details of the source that are not in the CRM as the source has them: one row per prospect and source id.
select
    n.source_id,
    n.id_prospect,
    n.noeuds,
    n.iban,
    n.bic,
    n.modifie_a,
    n.empreinte,
    c.crm_id as client_id,
    l.crm_id,
    l.etat,
    l.base ->> 'iban' as base_iban,
    l.base ->> 'bic' as base_bic,
    l.base ->> 'client_id' as base_client_id
from crm_sync.informations_paiement as n
left join crm_sync.lien as l on l.entite = 'information_paiement' and l.source_id = n.source_id
inner join crm_sync.lien as c
    on c.entite = 'client' and c.source_id = n.id_prospect and c.etat = 'ecrit'
where
    n.present
    and (
        l.source_id is null
        or l.etat = 'prevu'
        or l.empreinte <> n.empreinte
        or c.crm_id is distinct from l.base ->> 'client_id'
    );

-- nom: ecartes
-- Those of a prospect that has no client, because it is put aside itself.
select n.source_id, n.id_prospect, n.noeuds, 'client_ecarte' as motif
from crm_sync.informations_paiement as n
where
    n.present
    and not exists (
        select 1
        from crm_sync.lien as c
        where c.entite = 'client' and c.source_id = n.id_prospect and c.etat = 'ecrit'
    );

-- nom: existants
-- Bank details that the CRM has of these clients.
select t.id::text as crm_id, t.client_id::text as client_id, t.iban, t.created_at as cree_le
from {information_paiement} as t
inner join clients_vus as v on v.client_id = t.client_id::text;
