-- nom: autres_liens
-- CRM rows that other source nodes are by now than those the row was made of: one row each.
select l.crm_id
from crm_sync.lien as l
left join (
    select p.crm_id, min(o.cree_le) as cree_le
    from crm_sync.plan as p
    inner join crm_sync.lot as o on o.lot_id = p.lot_id
    where p.action = 'creation' and not p.refusee
    group by p.crm_id
) as c on c.crm_id = l.crm_id
where l.entite = %(entite)s::text and l.etat = 'ecrit' and l.crm_id = any(%(crm_ids)s::text[])
group by l.crm_id
having count(*) > greatest(1, count(*) filter (where l.cree_le = c.cree_le));

-- nom: retirer_liens
-- Links whose CRM row was taken away: they keep the version last applied, and wait until the source has another.
update crm_sync.lien_externe
set retire_le = now()
where entite = %(entite)s::text and crm_id = any(%(crm_ids)s::text[]);

-- nom: epingler
-- Values that were put back, with when: until the source changes again they stay, and are no edit of a moment ago.
update crm_sync.lien_externe as l
set vu = coalesce(l.vu, '{}') || r.vu
from remis as r
where l.entite = %(entite)s::text and l.crm_id = r.crm_id;

-- nom: ventes
-- Sales of contracts that were taken away; in the contracts' own database.
delete from crm_sync.contrat_vente
where contrat_id = any(%(crm_ids)s::text[]);
