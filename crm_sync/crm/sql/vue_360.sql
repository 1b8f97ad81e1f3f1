-- nom: client
-- One client; of the identity card only whether it is there and the text of its expiry leave the database.
select
    c.id::text as id, c.nom, c.prenom, c.email, c.telephone, c.statut, c.created_at, c.updated_at, c.supprime,
    coalesce(c.identity_card::text not in ('', 'null', '{{}}'), false) as carte,
    substring(
        c.identity_card::text
        from '"(?:dateExpiration|date_expiration|dateFinValidite|expirationDate|expiryDate)"\s*:\s*"([^"]{{8,40}})"'
    ) as carte_expire
from {client} as c
where c.id = %(id)s::{id_client};

-- nom: paiements
-- A client's bank details; of an IBAN four characters at most leave the database, and only where they may.
select
    i.id::text as id,
    case when %(fin)s::boolean and length(i.iban) >= 12 then right(i.iban, 4) end as fin
from {information_paiement} as i
where i.client_id = %(id)s::{id_client} and not i.supprime
order by i.id;

-- nom: prospects
-- The prospects that a client is, as decided of what they are now, each with its payload as the source last sent it.
with tenus as (
    select t.source_id
    from crm_sync.client_tenu as t
    where t.crm_id = %(id)s::text
),

versions as (
    select distinct on (b.id_prospect)
        b.id_prospect,
        b.charge
    from crm_sync.prospect_brut as b
    inner join crm_sync.prospect_presence as p on p.version_id = b.version_id
    where b.id_prospect in (select t.source_id from tenus as t)
    order by b.id_prospect asc, p.jusqu_a is null desc, p.depuis desc, b.version_id desc
)

select v.id_prospect, v.charge
from versions as v
order by v.id_prospect;

-- nom: changements
-- What was written to these rows, newest first.
select j.journal_id, j.synchronisation_id as run_id, j.entite, j.crm_id, j.action, j.champs, j.regle, j.applique_le as le
from crm_sync.journal as j
where j.entite || ' ' || j.crm_id = any(%(lignes)s::text[]) and j.crm_id = any(%(ids)s::text[])
order by j.journal_id desc
limit %(limite)s::integer;

-- nom: doublons
-- Open pairs of which one side is this client, or a prospect that is; one row per pair with the other side.
with fiches as (
    select 'client:' || %(id)s::text as fiche
    union all
    select 'prospect:' || l.source_id
    from crm_sync.lien as l
    where l.entite = 'client' and l.etat = 'ecrit' and l.crm_id = %(id)s::text
),

autres as (
    select case when a.fiche is null then d.id_a else d.id_b end as fiche, d.preuve, d.vu_le, d.doublon_id
    from crm_sync.doublon_possible as d
    left join fiches as a on a.fiche = d.id_a
    left join fiches as b on b.fiche = d.id_b
    where d.ferme_le is null and (a.fiche is null) <> (b.fiche is null)
)

select
    coalesce(l.crm_id, case when x.fiche like 'client:%%' then substr(x.fiche, 8) end) as client_id,
    case when l.crm_id is null and x.fiche like 'prospect:%%' then substr(x.fiche, 10) end as prospect_id,
    nullif(concat_ws(' ', n.prenom, n.nom), '') as nom,
    v.crm_id as commercial_id,
    x.preuve,
    x.vu_le as signale_le
from autres as x
left join crm_sync.lien as l
    on l.entite = 'client' and l.etat = 'ecrit' and 'prospect:' || l.source_id = x.fiche
left join crm_sync.clients as n on 'prospect:' || n.source_id = x.fiche
left join crm_sync.lien as v
    on v.entite = 'apporteur' and v.etat = 'ecrit' and v.source_id = n.commercial_source_id
order by x.vu_le, x.doublon_id;

-- nom: disparus
-- Which of these rows the source no longer has: every node that is such a row is marked. It begins with what is marked, which is
-- little: of most rows nothing is, and their links, which no index finds by the CRM's id, are not read.
with marques as (
    select a.entite, a.source_id, a.depuis, a.disparu_le
    from crm_sync.absence as a
    where a.revenu_le is null and a.disparu_le is not null
),

possibles as (
    select distinct l.entite, l.crm_id
    from marques as m
    inner join crm_sync.lien as l on l.entite = m.entite and l.source_id = m.source_id
    where l.entite || ' ' || l.crm_id = any(%(lignes)s::text[]) and l.crm_id = any(%(ids)s::text[])
)

select l.entite, l.crm_id, min(m.depuis) as depuis, max(m.disparu_le) as disparu_le
from possibles as p
inner join crm_sync.lien as l on l.entite = p.entite and l.crm_id = p.crm_id
left join marques as m on m.entite = l.entite and m.source_id = l.source_id
group by l.entite, l.crm_id
having count(*) = count(m.disparu_le)
order by max(m.disparu_le), l.entite, l.crm_id;

-- nom: derniere_synchronisation
select max(s.termine_le) as le
from crm_sync.synchronisation as s
where s.genre = 'synchronisation' and s.statut = 'reussie';

-- nom: vu_dans_la_source
-- When an answer of the source last held one of the prospects that a client is.
select max(coalesce(fin.recue_le, derniere.recue_le)) as le
from crm_sync.lien as l
inner join crm_sync.prospect_brut as b on b.id_prospect = l.source_id
inner join crm_sync.prospect_presence as p on p.version_id = b.version_id
left join crm_sync.reponse as fin on fin.reponse_id = p.jusqu_a
cross join (select max(r.recue_le) as recue_le from crm_sync.reponse as r) as derniere
where l.entite = 'client' and l.etat <> 'retire' and l.crm_id = %(id)s::text;
