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
-- Pairs that wait for a person, oldest first.
select id_a, id_b, regle, preuve, vu_le
from crm_sync.doublon_possible
where ferme_le is null
order by vu_le, doublon_id;

-- nom: oublier
-- What was decided of this pair before, whichever came first.
delete from crm_sync.decision
where (a = %(a)s::text and b = %(b)s::text) or (a = %(b)s::text and b = %(a)s::text);

-- nom: decider
insert into crm_sync.decision (verdict, a, b, decide_par)
values (%(verdict)s::text, %(a)s::text, %(b)s::text, %(par)s::text);

-- nom: fermer
-- The pair no longer waits for a person.
update crm_sync.doublon_possible
set ferme_le = now()
where
    ferme_le is null
    and ((id_a = %(a)s::text and id_b = %(b)s::text) or (id_a = %(b)s::text and id_b = %(a)s::text));

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
