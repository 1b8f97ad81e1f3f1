-- nom: lies
-- The clients of settled prospects, with repetitions: one row, the text of one array.
select array_agg(crm_id)::text
from crm_sync.lien_externe
where entite = 'client' and empreinte is not null and retire_le is null;

-- nom: reouvrir
-- Links whose client is gone: their prospects wait.
update crm_sync.lien_externe
set empreinte = null
where entite = 'client' and empreinte is not null and crm_id = any(%(crm_ids)s::text[]);
