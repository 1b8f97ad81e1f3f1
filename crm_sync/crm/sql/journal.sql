-- nom: lots_en_suspens
-- Lots of an entity that were planned and of which nobody said what became: a crash came in between.
select lot_id::text
from crm_sync.lot
where etat = 'prevu' and entite = %(entite)s::text;

-- nom: nouveau_lot
insert into crm_sync.lot (lot_id, synchronisation_id, entite)
values (%(lot_id)s::uuid, %(synchronisation_id)s::text, %(entite)s::text);

-- nom: clore_lot
update crm_sync.lot
set etat = %(etat)s::text, applique_le = case when %(etat)s::text = 'applique' then now() end
where lot_id = %(lot_id)s::uuid;

-- nom: refuser
-- Plan rows that the guard did not let through: they are no part of the journal.
update crm_sync.plan
set refusee = true
where lot_id = %(lot_id)s::uuid and crm_id = any(%(crm_ids)s::text[]);

-- nom: annuler_prevus
-- Links of rows that could not be made (somebody made one of the same key meanwhile): they are matched anew.
delete from crm_sync.lien_externe
where entite = %(entite)s::text and etat = 'prevu' and crm_id = any(%(crm_ids)s::text[]);

-- nom: table_decides
create temporary table decides (
    source_id text primary key, crm_id text, empreinte text, regle text, preuve text, parent_id text, commercial_id text
) on commit drop;
