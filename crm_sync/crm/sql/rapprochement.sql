-- nom: en_attente
-- What waits of an entity, and what is older than what was applied: one row per source node, with its link and base.
select * from {vue} where attend or ancienne;

-- nom: freres
-- The other source nodes of CRM rows that are looked at, with what they say now and what was last applied of them.
select r.*
from {vue} as r
inner join regardees as v on v.crm_id = r.crm_id
where not r.attend;

-- nom: ecartes_client
-- Prospects whose client was undone: not made anew until the source changes.
select n.source_id, n.source_id as id_prospect, n.noeuds, 'creation_annulee' as motif
from crm_sync.rapprochement_client as n
where n.present and n.etat = 'retire' and not n.attend;

-- nom: ecartes_apporteur
-- Sales reps that nothing leads to: no usable e-mail, and no link from before.
select n.source_id, null::text as id_prospect, n.noeuds, 'commercial_sans_email' as motif
from crm_sync.commercial_retenu as n
left join crm_sync.lien as l on l.entite = 'apporteur' and l.source_id = n.source_id
where n.cle_email is null and l.source_id is null
union all
select n.source_id, null::text, n.noeuds, 'creation_annulee'
from crm_sync.rapprochement_apporteur as n
where n.noeuds > 0 and n.etat = 'retire' and not n.attend;

-- nom: ecartes_rattaches
-- Those of a prospect that has no client, because it is put aside itself, and those that were undone.
select
    n.source_id,
    n.id_prospect,
    n.noeuds,
    case when n.client_id is null then 'client_ecarte' else 'creation_annulee' end as motif
from {vue} as n
where
    n.present
    and not n.attend
    and (
        n.etat = 'retire'
        or (n.client_id is null and not coalesce(n.etat = 'ecrit' and n.lien_empreinte = n.empreinte, false) and not n.ancienne)
    );
