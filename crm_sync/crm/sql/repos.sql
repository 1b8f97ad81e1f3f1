-- nom: au_repos
-- The books of the moment when nothing waited, if nothing has moved since, the rules included; no row
-- otherwise.
select r.livres
from crm_sync.repos as r
where r.mouvement = (select last_value from crm_sync.mouvement) and r.regles = %(regles)s::text;

-- nom: noter
-- Nothing waits now. One row.
insert into crm_sync.repos (mouvement, regles, livres)
values ((select last_value from crm_sync.mouvement), %(regles)s::text, %(livres)s::jsonb)
on conflict (unique_ligne) do update
set mouvement = excluded.mouvement, regles = excluded.regles, livres = excluded.livres;
