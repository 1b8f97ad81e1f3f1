-- nom: references_des_juges
-- Which contract references each prospect carries now: one row per prospect.
select id_prospect as source_id, string_agg(cle_reference, ' ' order by cle_reference) as "references"
from crm_sync.contrats
where present and id_prospect = any(%(ids)s::text[])
group by id_prospect;

-- nom: prospects
-- Linked prospects that share an e-mail or a phone key, or a contract reference, with somebody who is judged, or are named in
-- a decision: one row per prospect, with its client and the values last synced. Found by keys alone first, then looked up:
-- there are few.
with cherchees as materialized (
    select c.cle
    from unnest(%(cles)s::text[]) as c (cle)
),

par_reference as materialized (
    select k.id_prospect, string_agg(k.cle_reference, ' ' order by k.cle_reference) as "references"
    from crm_sync.contrats as k
    where k.present and k.cle_reference = any(%(cles_reference)s::text[])
    group by k.id_prospect
),

trouves as materialized (
    select n.source_id
    from crm_sync.clients as n
    where n.cle_email in (select cle from cherchees) or n.cles_telephone in (select cle from cherchees)
    union all
    select n.source_id
    from crm_sync.clients as n
    cross join string_to_table(n.cles_telephone, ' ') as t (cle)
    inner join cherchees as c on c.cle = t.cle
    where strpos(n.cles_telephone, ' ') > 0
    union all
    select r.id_prospect
    from par_reference as r
    union all
    select unnest(%(nommes)s::text[])
)

select
    n.source_id, n.cle_nom, n.cle_prenom, n.naissance, n.cle_email, n.cles_telephone, l.crm_id, l.base ->> 'nom' as base_nom,
    l.base ->> 'prenom' as base_prenom, l.base ->> 'email' as base_email, l.base ->> 'telephone' as base_telephone,
    r."references"
from crm_sync.clients as n
inner join crm_sync.lien as l on l.source_id = n.source_id
left join par_reference as r on r.id_prospect = n.source_id
where
    l.entite = 'client'
    and l.etat <> 'retire'
    and n.source_id = any(array(select source_id from trouves))
    and l.source_id = any(array(select source_id from trouves));

-- nom: prospects_des_clients
-- Prospects that are linked to one of these clients: one row each, as above.
with lies as materialized (
    select l.source_id, l.crm_id, l.base
    from unnest(%(clients)s::text[]) as v (crm_id)
    inner join crm_sync.lien as l on l.crm_id = v.crm_id
    where l.entite = 'client' and l.etat <> 'retire'
)

select
    n.source_id, n.cle_nom, n.cle_prenom, n.naissance, n.cle_email, n.cles_telephone, l.crm_id, l.base ->> 'nom' as base_nom,
    l.base ->> 'prenom' as base_prenom, l.base ->> 'email' as base_email, l.base ->> 'telephone' as base_telephone,
    null::text as "references"
from crm_sync.clients as n
inner join lies as l on l.source_id = n.source_id
where n.source_id = any(array(select source_id from lies));

-- nom: cles_a_rafraichir
-- CRM clients whose comparison keys are missing, or come from values that the row no longer has.
select c.id::text as crm_id, c.nom, c.prenom, c.email, c.telephone
from {client} as c
left join crm_sync.cle_client as k on k.client_id = c.id::text
where
    k.client_id is null
    or (k.nom, k.prenom, k.email, k.telephone) is distinct from (c.nom, c.prenom, c.email, c.telephone);

-- nom: cles_rafraichies
-- Replaces the keys of these clients.
insert into crm_sync.cle_client (
    client_id, nom, prenom, email, telephone, cle_nom, cle_prenom, cle_email, cles_telephone
)
select crm_id, nom, prenom, email, telephone, cle_nom, cle_prenom, cle_email, cles_telephone
from cles
on conflict (client_id) do update
set
    nom = excluded.nom,
    prenom = excluded.prenom,
    email = excluded.email,
    telephone = excluded.telephone,
    cle_nom = excluded.cle_nom,
    cle_prenom = excluded.cle_prenom,
    cle_email = excluded.cle_email,
    cles_telephone = excluded.cles_telephone;

-- nom: a_des_cles
-- Whether the CRM has any client: a first load into an empty one looks for nobody.
select 1
from crm_sync.cle_client
limit 1;

-- nom: clients
-- CRM clients that share an e-mail or a phone key with somebody looked for, or are known by their id: one row each. Found by
-- keys alone first, then looked up: there are few.
with cherchees as materialized (
    select c.cle
    from unnest(%(cles)s::text[]) as c (cle)
),

trouves as materialized (
    select k.client_id
    from crm_sync.cle_client as k
    where k.cle_email in (select cle from cherchees) or k.cles_telephone in (select cle from cherchees)
    union all
    select k.client_id
    from crm_sync.cle_client as k
    cross join string_to_table(k.cles_telephone, ' ') as t (cle)
    inner join cherchees as c on c.cle = t.cle
    where strpos(k.cles_telephone, ' ') > 0
    union all
    select unnest(%(connus)s::text[])
)

select
    k.client_id as crm_id,
    k.cle_nom,
    k.cle_prenom,
    k.cle_email,
    k.cles_telephone,
    c.created_at as cree_le,
    c.supprime::text as supprime
from crm_sync.cle_client as k
inner join {client} as c on c.id::text = k.client_id
where
    k.client_id = any(array(select client_id from trouves))
    and c.id = any(array(select client_id::{type_client} from trouves));

-- nom: vendeurs
-- E-mail and phone of the source's sales reps.
select distinct email, telephone
from crm_sync.commerciaux;

-- nom: apporteurs
select a.email, a.telephone from {apporteur} as a;

-- nom: utilisateurs
select u.email, u.telephone from {utilisateur} as u;
