-- nom: lots_en_suspens
-- Lots of an entity that were planned and of which nobody said what became: a crash came in between.
select lot_id::text
from crm_sync.lot
where etat = 'prevu' and entite = %(entite)s::text;

-- nom: nouveau_lot
insert into crm_sync.lot (lot_id, synchronisation_id, entite)
values (%(lot_id)s::uuid, %(synchronisation_id)s::text, %(entite)s::text);

-- nom: garder_plan
-- The plan's rows: of a row to be made the values it gets, of one to be changed the fields before and after.
insert into crm_sync.plan (lot_id, crm_id, action, valeurs, champs, regle, preuve)
select
    %(lot_id)s::uuid,
    r.crm_id,
    r.action,
    case when r.action = 'creation' then json_strip_nulls(to_json(v)) end,
    r.champs::json,
    r.regle,
    r.preuve::jsonb
from plan_recu as r
cross join lateral (select {valeurs}) as v;

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
where lot_id = %(lot_id)s::uuid and crm_id = any(%(crm_ids)s::text[]);

-- nom: rouvrir_prevus
-- Links of a lot that was never applied: their rows are still to be made, under the same ids.
update crm_sync.lien_externe
set base = null, empreinte = null
where lot_id = %(lot_id)s::uuid;

-- nom: noter_historique
-- Each change of a contract's holder in this lot.
insert into crm_sync.contrat_commercial_historique (
    contrat_id, ancien_commercial_id, commercial_id, synchronisation_id
)
select
    p.crm_id,
    p.champs -> 'commercial_id' ->> 'avant',
    p.champs -> 'commercial_id' ->> 'apres',
    l.synchronisation_id
from crm_sync.plan as p
inner join crm_sync.lot as l on l.lot_id = p.lot_id
where
    p.lot_id = %(lot_id)s::uuid
    and l.entite = 'contrat'
    and not p.refusee
    and p.champs -> 'commercial_id' is not null;

-- nom: table_decides
create temporary table decides (
    source_id text primary key,
    crm_id text,
    empreinte text,
    regle text,
    preuve text,
    parent_id text,
    commercial_id text,
    lot_id uuid
) on commit drop;
