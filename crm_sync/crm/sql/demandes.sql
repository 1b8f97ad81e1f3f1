-- nom: transmettre
-- Requests that wait are announced as seen: the button shows it at once. Gives how many wait for a sync to adopt them.
with vues as (
    update crm_sync.demande_sync
    set statut = 'en_cours', etape = 'file d''attente', commence_le = now()
    where statut = 'en_attente'
    returning id
)

select
    (select count(*) from vues)
    + (
        select count(*)
        from crm_sync.demande_sync
        where statut = 'en_cours' and run_id is null and id not in (select id from vues)
    ) as attendent,
    (select min(demande_le) from crm_sync.demande_sync where statut in ('en_attente', 'en_cours') and run_id is null)
        as depuis;

-- nom: prises
-- One row per run that has taken up requests and not answered them.
select distinct run_id
from crm_sync.demande_sync
where statut = 'en_cours' and run_id is not null;

-- nom: abandonner
-- The requests of runs that are dead.
update crm_sync.demande_sync
set statut = 'echouee', etape = 'terminé', termine_le = now(), message = %(message)s::text
where statut = 'en_cours' and run_id = any(%(runs)s::text []);

-- nom: commencees
-- How many of these runs have begun their sync.
select count(*)
from crm_sync.synchronisation
where synchronisation_id = any(%(runs)s::text []);

-- nom: renoncer
-- Requests that no run could take up.
update crm_sync.demande_sync
set statut = 'echouee', etape = 'terminé', termine_le = now(), message = %(message)s::text
where statut = 'en_cours' and run_id is null;

-- nom: deposer
insert into crm_sync.demande_sync (id, demande_par) values (%(id)s::uuid, %(demande_par)s::text);

-- nom: lire
select statut, etape, run_id, message, resultat
from crm_sync.demande_sync
where id = %(id)s::uuid;
