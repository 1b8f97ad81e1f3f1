-- nom: lies
-- The clients of settled prospects, with repetitions: one row, the text of one array.
select array_agg(crm_id)::text
from crm_sync.lien_externe
where entite = 'client' and empreinte is not null and retire_le is null;

-- nom: disparus
-- The clients of settled prospects that the CRM no longer has, where both are in one database: one row each, mostly none.
select distinct l.crm_id
from crm_sync.lien_externe as l
where
    l.entite = 'client'
    and l.empreinte is not null
    and l.retire_le is null
    and not exists (select 1 from {client} as c where c.id::text = l.crm_id);

-- nom: reouvrir
-- Links whose client is gone: their prospects wait.
update crm_sync.lien_externe
set empreinte = null
where entite = 'client' and empreinte is not null and crm_id = any(%(crm_ids)s::text[]);
