-- nom: creations
-- Rows that a run makes: one per row, with the source nodes behind it and the evidence on why no match was found.
select
    o.entite,
    p.crm_id,
    array_agg(l.source_id order by l.source_id) as source_ids,
    min(l.regle) as regle,
    (array_agg(l.preuve order by l.source_id))[1] as preuve
from crm_sync.plan as p
inner join crm_sync.lot as o on o.lot_id = p.lot_id
inner join crm_sync.lien_externe as l on l.entite = o.entite and l.crm_id = p.crm_id
where o.synchronisation_id = %(moi)s::text and p.action = 'creation' and not p.refusee
group by o.entite, p.crm_id, p.plan_id
order by p.plan_id;

-- nom: regles
-- Links made in this transaction, by entity and rule.
select l.entite, l.regle, count(*)
from crm_sync.lien_externe as l
where l.applique_le = now() and l.cree_le = now()
group by l.entite, l.regle
order by l.entite, l.regle;
