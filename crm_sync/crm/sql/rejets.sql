-- nom: par_raison
-- What is put aside at present of one entity, when it was read or when it was written: one row per reason. Reads only.
select r.raison, r.que_faire, sum(r.noeuds)::integer as noeuds, min(r.depuis) as depuis
from crm_sync.rejet as r
where
    r.ferme_le is null
    and r.present
    and r.entite = %(entite)s::text
    and (r.etape = 'normalisation') = %(a_la_lecture)s::boolean
group by r.raison, r.que_faire
order by 3 desc, 1, 2;
