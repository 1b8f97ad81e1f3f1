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
