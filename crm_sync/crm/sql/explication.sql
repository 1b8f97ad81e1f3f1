-- nom: journal
-- Rows that a sync, an undo or a person's decision wrote, newest first; a row where only a lost value is noted is one, too.
select
    p.plan_id as journal_id,
    l.synchronisation_id,
    s.genre,
    l.entite,
    p.crm_id,
    p.action,
    p.valeurs,
    p.champs,
    p.regle,
    p.preuve,
    l.applique_le
from crm_sync.plan as p
inner join crm_sync.lot as l on l.lot_id = p.lot_id
left join crm_sync.synchronisation as s on s.synchronisation_id = l.synchronisation_id
where
    l.etat = 'applique'
    and not p.refusee
    and (%(synchronisation_id)s::text is null or l.synchronisation_id = %(synchronisation_id)s::text)
    and (%(entite)s::text is null or l.entite = %(entite)s::text)
    and (%(crm_id)s::text is null or p.crm_id = %(crm_id)s::text)
    and (%(journal_id)s::bigint is null or p.plan_id = %(journal_id)s::bigint)
order by p.plan_id desc
limit %(limite)s::integer;

-- nom: liens
-- The source nodes that one CRM row is, with the evidence by which each came to it, and what was last applied.
select source_id, etat, regle, preuve, base, vu, cree_le, applique_le, source_modifie_a, source_le
from crm_sync.lien
where entite = %(entite)s::text and crm_id = %(crm_id)s::text
order by source_id;

-- nom: lien
-- One source node's link.
select crm_id, etat, regle, preuve, base, vu, cree_le, applique_le, source_modifie_a, source_le
from crm_sync.lien
where entite = %(entite)s::text and source_id = %(source_id)s::text;

-- nom: historique
-- Who held a contract, and who held it when it was first seen signed: each change with its date.
select lecture, ancien_commercial_id, commercial_id, change_le, synchronisation_id
from crm_sync.contrat_commercial_historique
where contrat_id = %(crm_id)s::text
order by change_le, historique_id;

-- nom: run
-- The run of that id.
select synchronisation_id
from crm_sync.synchronisation
where synchronisation_id = %(run)s::text;
