-- nom: autres_liens
-- CRM rows that more than one source node is by now: one row each.
select crm_id
from crm_sync.lien
where entite = %(entite)s::text and etat = 'ecrit' and crm_id = any(%(crm_ids)s::text[])
group by crm_id
having count(*) > 1;

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
