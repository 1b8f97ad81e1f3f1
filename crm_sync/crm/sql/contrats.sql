-- nom: sans_noeud
-- Whether the source lacks the node of any link: mostly not, and then none is to be handed on.
select 1
from crm_sync.lien_externe as l
where l.entite = 'contrat' and not exists (select 1 from crm_sync.contrats as n where n.source_id = l.source_id)
limit 1;

-- nom: transferer
-- A written link whose node is gone from a prospect that is there goes to the node of the same reference elsewhere that has no
-- link: one row per link. Where something of that prospect's contracts could not be read, or it is an older version than the
-- one applied, nothing is proven.
with partis as (
    select
        l.source_id,
        substr(l.source_id, strpos(l.source_id, '/') + 1) as cle_reference,
        replace(replace(split_part(l.source_id, '/', 1), '%2F', '/'), '%25', '%') as id_prospect
    from crm_sync.lien as l
    where
        l.entite = 'contrat'
        and l.etat = 'ecrit'
        and not exists (select 1 from crm_sync.contrats as n where n.source_id = l.source_id)
),

libres as (
    select n.source_id, n.cle_reference
    from (
        select
            c.source_id,
            c.cle_reference,
            row_number() over (partition by c.cle_reference order by c.modifie_a desc nulls last, c.source_id) as rang
        from crm_sync.contrats as c
        inner join crm_sync.client_tenu as t on t.source_id = c.id_prospect
        where
            c.present
            and not exists (
                select 1 from crm_sync.lien_externe as l where l.entite = 'contrat' and l.source_id = c.source_id
            )
    ) as n
    where n.rang = 1
)

update crm_sync.lien_externe as l
set source_id = n.source_id
from partis as p
inner join libres as n on n.cle_reference = p.cle_reference
inner join crm_sync.clients as c on c.source_id = p.id_prospect and c.present
left join crm_sync.lien_externe as cl on cl.entite = 'client' and cl.source_id = p.id_prospect
left join (
    select distinct id_prospect
    from crm_sync.rejet
    where ferme_le is null and etape = 'normalisation' and entite = 'contrats'
) as r on r.id_prospect = p.id_prospect
where
    l.entite = 'contrat'
    and l.source_id = p.source_id
    and r.id_prospect is null
    and not coalesce(c.modifie_a < cl.source_modifie_a, false);

-- nom: anciens
-- Those of these prospects whose present version is older than the one applied: one row each.
select c.source_id
from crm_sync.clients as c
inner join crm_sync.lien_externe as l on l.entite = 'client' and l.source_id = c.source_id
where
    c.present
    and c.modifie_a < l.source_modifie_a
    and c.source_id = any(%(prospects)s::text[])
    and l.source_id = any(%(prospects)s::text[]);

-- nom: memes_references
-- Nodes that carry a reference that waits, beside those that do: one row each, mostly none.
select source_id
from crm_sync.contrats
where present and cle_reference = any(%(cles)s::text[]) and source_id <> all(%(attendent)s::text[]);

-- nom: lies
-- Those of these contracts that are linked and do not wait: one row per node.
select *
from crm_sync.rapprochement_contrat
where source_id = any(%(source_ids)s::text[]) and client_id is not null and crm_id is not null and not attend;

-- nom: lien_non_attribue
select crm_id from crm_sync.lien where entite = 'apporteur' and source_id = 'non_attribue' and etat = 'ecrit';

-- nom: references
-- The CRM's contracts that may have one of these keys, one row each: in plain ASCII without spaces the key is the reference in
-- capitals, any other spelling is for the caller to judge.
select c.id::text as crm_id, c.reference, c.client_id::text as client_id, c.supprime
from {contrat} as c
where upper(c.reference collate "C") = any(%(cles)s::text[]) or c.reference collate "C" !~ '^[!-~]+$';

-- nom: nombres
-- How many contracts each of these clients has: no row for who has none.
select c.client_id::text as client_id, count(*) as nombre
from {contrat} as c
where c.client_id = any(%(clients)s::text[]::{type_client}[]) and not c.supprime
group by 1;

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
-- Who held each decided contract when it was first seen signed: set once, never to the reserved apporteur. An existing CRM may
-- have contracts that nobody holds: one that could not be written now has still to be given to somebody.
insert into crm_sync.contrat_vente (contrat_id, commercial_id, vu_signe_le)
select t.id::text, t.commercial_id::text, now()
from {contrat} as t
where
    t.id = any(%(decides)s::text[]::{type_contrat}[])
    and (t.date_signature is not null or t.statut = any(%(vendus)s::text[]))
    and t.commercial_id is not null
    and t.commercial_id::text is distinct from %(non_attribue)s::text
on conflict (contrat_id) do nothing;
