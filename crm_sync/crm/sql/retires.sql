-- nom: clients_lies
-- Prospects of the last answer that are linked to one of these clients: one row each.
select l.source_id
from crm_sync.lien as l
inner join crm_sync.clients as n on n.source_id = l.source_id and n.present
where l.entite = 'client' and l.etat = 'ecrit' and l.crm_id = any(%(crm_ids)s::text[])
order by l.source_id;

-- nom: clients_signales
-- Prospects that are reported because their client is marked as deleted, with that client: one row each.
select l.source_id, l.crm_id
from crm_sync.rejet as r
inner join crm_sync.lien_externe as l on l.entite = 'client' and l.source_id = r.id_prospect
where r.ferme_le is null and r.etape = 'clients' and r.motif = %(motif)s::text;

-- nom: reouvrir
-- Links of these prospects: they wait. Run again it changes nothing.
update crm_sync.lien_externe
set empreinte = null
where entite = 'client' and empreinte is not null and source_id = any(%(source_ids)s::text[]);
