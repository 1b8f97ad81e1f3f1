-- nom: decisions
-- What people decided, oldest first: one row per pair.
select verdict, a, b
from crm_sync.decision
order by decision_id;

-- nom: signaler
-- Possible duplicates seen now; one row per pair, kept as it was where it is known.
insert into crm_sync.doublon_possible (id_a, id_b, regle, preuve)
select p.id_a, p.id_b, min(p.regle), (array_agg(p.preuve order by p.regle))[1]::jsonb
from paires as p
group by p.id_a, p.id_b
on conflict (entite, id_a, id_b) do nothing;

-- nom: ouverts
-- Pairs that wait for a person, oldest first: one row per pair of people. Who was a new prospect when a pair was reported is
-- named by the client that they are now; what has become one person waits no longer.
with ouvertes as (
    select doublon_id, id_a, id_b, regle, preuve, vu_le
    from crm_sync.doublon_possible
    where ferme_le is null
),

devenus as (
    select 'prospect:' || source_id as fiche, 'client:' || crm_id as client
    from crm_sync.lien
    where
        entite = 'client'
        and etat = 'ecrit'
        and source_id = any(
            array(
                select substr(fiche, 10)
                from (select id_a as fiche from ouvertes union select id_b from ouvertes) as nommees
                where fiche like 'prospect:%%'
            )
        )
),

nommees as (
    select
        o.doublon_id,
        coalesce(a.client, o.id_a) as id_a,
        coalesce(b.client, o.id_b) as id_b,
        o.regle,
        o.preuve,
        o.vu_le
    from ouvertes as o
    left join devenus as a on a.fiche = o.id_a
    left join devenus as b on b.fiche = o.id_b
),

distinctes as (
    select
        id_a,
        id_b,
        regle,
        preuve,
        vu_le,
        doublon_id,
        row_number() over (partition by least(id_a, id_b), greatest(id_a, id_b) order by doublon_id) as rang
    from nommees
    where id_a <> id_b
)

select id_a, id_b, regle, preuve, vu_le
from distinctes
where rang = 1
order by vu_le, doublon_id;

-- nom: oublier
-- What was decided of this pair before, whichever came first.
delete from crm_sync.decision
where (a = %(a)s::text and b = %(b)s::text) or (a = %(b)s::text and b = %(a)s::text);

-- nom: decider
insert into crm_sync.decision (verdict, a, b, decide_par)
values (%(verdict)s::text, %(a)s::text, %(b)s::text, %(par)s::text);

-- nom: fermer
-- The pair no longer waits for a person, whether it was reported of the clients or of prospects that are these clients.
with nommes as (
    select q.qui, coalesce('client:' || l.crm_id, q.qui) as client
    from unnest(array[%(a)s::text, %(b)s::text]) as q (qui)
    left join crm_sync.lien_externe as l on l.entite = 'client' and 'prospect:' || l.source_id = q.qui
),

fiches as (
    select qui, qui as fiche
    from nommes
    union
    select qui, client
    from nommes
    union
    select n.qui, 'prospect:' || l.source_id
    from nommes as n
    inner join crm_sync.lien_externe as l on l.entite = 'client' and 'client:' || l.crm_id = n.client
)

update crm_sync.doublon_possible as d
set ferme_le = now()
where
    d.ferme_le is null
    and d.id_a || ' ' || d.id_b = any(
        array(
            select x.fiche || ' ' || y.fiche
            from fiches as x
            cross join fiches as y
            where x.qui <> y.qui
        )
    );

-- nom: reouvrir_liens
-- Links of the prospects that the decision names, directly or by their client: decided anew.
update crm_sync.lien_externe
set empreinte = null
where
    entite = 'client'
    and ('prospect:' || source_id = any(array[%(a)s::text, %(b)s::text])
        or 'client:' || crm_id = any(array[%(a)s::text, %(b)s::text]));

-- nom: prospect_connu
select 1
from crm_sync.clients
where source_id = %(qui)s::text
union
select 1
from crm_sync.lien_externe
where entite = 'client' and source_id = %(qui)s::text;
