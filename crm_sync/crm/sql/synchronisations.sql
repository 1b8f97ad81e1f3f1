-- nom: prendre_verrou
-- Takes the lock where it is free, ours already, or its holder gave no sign of life for 45 seconds.
update crm_sync.verrou
set titulaire = %(moi)s::text, hote = %(hote)s::text, pid = %(pid)s::integer, pris_le = now(), battement = now()
where
    nom = 'synchronisation'
    and (titulaire is null or titulaire = %(moi)s::text or battement < now() - interval '45 seconds')
returning titulaire;

-- nom: titulaire
select titulaire, hote, pid from crm_sync.verrou where nom = 'synchronisation';

-- nom: encore_titulaire
-- Who holds the lock, until the end of the caller's transaction: nobody takes it over in between.
select titulaire from crm_sync.verrou where nom = 'synchronisation' for share;

-- nom: oublier_titulaire
-- Frees the lock of a holder that is known to be dead.
update crm_sync.verrou
set titulaire = null
where nom = 'synchronisation' and titulaire = %(titulaire)s::text;

-- nom: battre
update crm_sync.verrou
set battement = now()
where nom = 'synchronisation' and titulaire = %(moi)s::text
returning titulaire;

-- nom: rendre_verrou
update crm_sync.verrou
set titulaire = null, battement = null
where nom = 'synchronisation' and titulaire = %(moi)s::text;

-- nom: commencer
insert into crm_sync.synchronisation (synchronisation_id, genre) values (%(moi)s::text, %(genre)s::text)
on conflict (synchronisation_id) do update
set statut = 'en_cours', termine_le = null, message = null;

-- nom: abandonner_autres
-- Runs that never said how they ended: only one may run, and that is us.
update crm_sync.synchronisation
set statut = 'echouee', termine_le = now(), message = %(message)s::text
where statut = 'en_cours' and synchronisation_id <> %(moi)s::text;

-- nom: abandonner_demandes
update crm_sync.demande_sync
set statut = 'echouee', termine_le = now(), message = %(message)s::text
where statut = 'en_cours' and run_id is not null and run_id <> %(moi)s::text;

-- nom: adopter_demandes
-- Requests made before this sync began to read are served by it, whoever started it.
update crm_sync.demande_sync
set statut = 'en_cours', run_id = %(moi)s::text, commence_le = coalesce(commence_le, now()), etape = 'lecture'
where statut = 'en_attente' or (statut = 'en_cours' and run_id is null);

-- nom: etape
-- The step that the sync, and the requests it serves, are at.
with dite as (
    update crm_sync.synchronisation
    set etape = %(etape)s::text
    where synchronisation_id = %(moi)s::text
)

update crm_sync.demande_sync
set etape = %(etape)s::text
where run_id = %(moi)s::text and statut = 'en_cours';

-- nom: reponse
update crm_sync.synchronisation
set reponse_id = %(reponse_id)s::bigint
where synchronisation_id = %(moi)s::text;

-- nom: terminer
update crm_sync.synchronisation
set
    statut = %(statut)s::text,
    termine_le = now(),
    comptes = %(resultat)s::jsonb,
    avertissements = %(avertissements)s::jsonb,
    message = %(message)s::text
where synchronisation_id = %(moi)s::text;

-- nom: terminer_demandes
update crm_sync.demande_sync
set
    statut = %(statut)s::text,
    etape = 'terminé',
    termine_le = now(),
    resultat = %(resultat)s::jsonb,
    message = %(message)s::text
where run_id = %(moi)s::text and statut = 'en_cours';

-- nom: ouverts
-- What waits for a person: open rejects, prospects of the last answer, and what the last judged answer withholds; of possible
-- duplicates `doublons.ouverts` tells.
select
    (select count(*) from crm_sync.rejet where ferme_le is null and present),
    (select coalesce(sum(recus_clients), 0) from crm_sync.normalisation where present),
    (
        select coalesce(max(d.retraits_en_attente), 0)
        from (
            select r.retraits_en_attente
            from crm_sync.reponse as r
            where r.complete is not null
            order by r.reponse_id desc
            limit 1
        ) as d
    );

-- nom: resultat
select comptes, statut from crm_sync.synchronisation where synchronisation_id = %(moi)s::text;
