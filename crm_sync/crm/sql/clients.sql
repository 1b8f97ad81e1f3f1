-- nom: lies
-- Clients that prospects are linked to: one row each.
select distinct crm_id
from crm_sync.lien
where entite = 'client' and etat = 'ecrit';

-- nom: reouvrir
-- Links whose client is gone: their prospects wait.
update crm_sync.lien_externe
set empreinte = null
where entite = 'client' and empreinte is not null and crm_id = any(%(crm_ids)s::text[]);
