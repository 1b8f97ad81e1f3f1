-- nom: liens
-- Some written links of an entity: the CRM row of each.
select l.crm_id
from crm_sync.lien as l
where l.entite = %(entite)s::text and l.etat = 'ecrit'
limit %(limite)s::integer;
