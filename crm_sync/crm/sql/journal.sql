-- nom: lots_en_suspens
-- Lots of an entity that were planned and of which nobody said what became: a crash came in between.
select lot_id::text
from crm_sync.lot
where etat = 'prevu' and entite = %(entite)s::text;

-- nom: nos_heures
-- The times at which a sync wrote rows of an entity: an updated_at of that time is no edit of a person.
select ecrit_a::text
from crm_sync.lot
where entite = %(entite)s::text and ecrit_a is not null;

-- nom: nouveau_lot
insert into crm_sync.lot (lot_id, synchronisation_id, entite)
values (%(lot_id)s::uuid, %(synchronisation_id)s::text, %(entite)s::text);

-- nom: clore_lot
update crm_sync.lot
set
    etat = %(etat)s::text,
    applique_le = case when %(etat)s::text = 'applique' then now() end,
    ecrit_a = %(ecrit_a)s::timestamptz
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
set base = null, empreinte = null, source_modifie_a = null, source_le = null
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
    and p.champs -> 'commercial_id' ->> 'apres' <> coalesce(p.champs -> 'commercial_id' ->> 'avant', '');

-- nom: table_liens
create temporary table liens (like crm_sync.lien_externe including defaults) on commit drop;

-- nom: relier
-- Links that exist, decided anew: one row per link. Rule, evidence and date are those with which it came to its CRM row.
insert into crm_sync.lien_externe as l (
    entite, source_id, crm_id, lot_id, regle, preuve, base, empreinte, source_modifie_a, source_le, vu
)
select entite, source_id, crm_id, lot_id, regle, preuve, base, empreinte, source_modifie_a, source_le, vu
from liens
on conflict (entite, source_id) do update
set
    crm_id = excluded.crm_id,
    lot_id = excluded.lot_id,
    regle = case when excluded.crm_id = l.crm_id then l.regle else excluded.regle end,
    preuve = case when excluded.crm_id = l.crm_id then l.preuve else excluded.preuve end,
    cree_le = case when excluded.crm_id = l.crm_id then l.cree_le else now() end,
    base = excluded.base,
    empreinte = excluded.empreinte,
    source_modifie_a = excluded.source_modifie_a,
    source_le = excluded.source_le,
    vu = excluded.vu,
    retire_le = null,
    applique_le = now();

-- nom: accorder
-- Links of nodes that share a CRM row with one that was decided: the base is the row's.
update crm_sync.lien_externe as l
set base = a.base::jsonb, vu = a.vu::jsonb, applique_le = now()
from accordes as a
where
    l.entite = %(entite)s::text
    and l.source_id = a.source_id
    and (l.base, l.vu) is distinct from (a.base::jsonb, a.vu::jsonb);
