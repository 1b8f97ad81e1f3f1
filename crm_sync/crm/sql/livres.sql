-- nom: livre
-- The books of one entity for one run: received (counted in the payloads) beside what became of each node.
-- `lignes` are the CRM rows that the received nodes are, `noeuds` the nodes behind them; the caller checks the balance.
with lignes as (
    select l.crm_id, sum(n.noeuds) as noeuds
    from {normalisee} as n
    inner join crm_sync.lien as l
        on
            l.entite = %(entite)s::text
            and l.source_id = n.source_id
            and l.etat = 'ecrit'
            and (l.empreinte = n.empreinte or n.modifie_a < l.source_modifie_a)
    where n.present
    group by l.crm_id
),

touchees as (
    select crm_id, bool_or(action = 'creation') as creation
    from crm_sync.plan
    where
        not refusee
        and lot_id = any(array( -- by the index: the plans of years stand there
            select lot_id
            from crm_sync.lot
            where synchronisation_id = %(moi)s::text and entite = %(entite)s::text and etat = 'applique'
        ))
    group by crm_id
)

select
    (select coalesce(sum({recus}), 0) from crm_sync.normalisation where present) as recus,
    coalesce(sum(l.noeuds), 0) as noeuds,
    count(*) as lignes,
    count(*) filter (where t.creation) as crees,
    count(*) filter (where not t.creation) as modifies,
    (
        select coalesce(sum(noeuds), 0)
        from crm_sync.rejet
        where ferme_le is null and present and entite = %(recus)s::text
    ) as rejets
from lignes as l
left join touchees as t on t.crm_id = l.crm_id;

-- nom: commerciaux
-- The books of sales reps for one run, counted in people: several copies of one person are one.
with lies as (
    select l.crm_id, n.noeuds
    from crm_sync.commercial_retenu as n
    inner join crm_sync.lien as l
        on
            l.entite = 'apporteur'
            and l.source_id = n.source_id
            and l.etat = 'ecrit'
            and (l.empreinte = n.empreinte or n.modifie_a < l.source_modifie_a)
),

touchees as (
    select crm_id, bool_or(action = 'creation') as creation
    from crm_sync.plan
    where
        not refusee
        and lot_id = any(array( -- by the index: the plans of years stand there
            select lot_id
            from crm_sync.lot
            where synchronisation_id = %(moi)s::text and entite = 'apporteur' and etat = 'applique'
        ))
    group by crm_id
),

rejetes as (
    select etape, noeuds
    from crm_sync.rejet
    where ferme_le is null and present and entite = 'commerciaux'
)

select
    (
        select count(distinct commercial_source_id)
        from crm_sync.clients
        where present and commercial_empreinte is not null
    )
    + (select coalesce(sum(noeuds), 0) from rejetes where etape = 'normalisation') as recus,
    coalesce(sum(l.noeuds), 0) as noeuds,
    count(distinct l.crm_id) as lignes,
    count(distinct l.crm_id) filter (where t.creation) as crees,
    count(distinct l.crm_id) filter (where not t.creation) as modifies,
    (select coalesce(sum(noeuds), 0) from rejetes) as rejets
from lies as l
left join touchees as t on t.crm_id = l.crm_id;

-- nom: orphelins
-- Contracts without a sales rep or without a client, where both services share a database.
select count(*) filter (where a.id is null) + count(*) filter (where k.id is null)
from {contrat} as c
left join {apporteur} as a on a.id = c.commercial_id
left join {client} as k on k.id = c.client_id
where not c.supprime;

-- nom: commerciaux_orphelins
-- Contracts without a sales rep, and how many contracts each client has, to be looked up in the clients' own database.
with par_client as (
    select c.client_id::text as client_id, count(*) as nombre
    from {contrat} as c
    where not c.supprime
    group by c.client_id
)

select
    (
        select count(*)
        from {contrat} as c
        where not c.supprime and not exists (select 1 from {apporteur} as a where a.id = c.commercial_id)
    ),
    (select coalesce(array_agg(client_id), '{{}}') from par_client),
    (select coalesce(array_agg(nombre), '{{}}') from par_client);

-- nom: clients_orphelins
-- Contracts of clients that lead nowhere.
select coalesce(sum(t.nombre), 0)
from unnest(%(clients)s::text[], %(nombres)s::bigint[]) as t (client_id, nombre)
where not exists (select 1 from {client} as c where c.id::text = t.client_id);

-- nom: bruts
-- What the last answer held beside what was read of it: elements received, elements stored, elements normalised.
select
    (select nb_elements from crm_sync.reponse order by reponse_id desc limit 1) as recus,
    (select coalesce(sum(occurrences), 0) from crm_sync.prospect_presence where jusqu_a is null) as stockes,
    (select coalesce(sum(recus_clients), 0) from crm_sync.normalisation where present) as normalises;

-- nom: recus
-- What the last answer holds as it was read, in nodes: prospects, contracts, bank details. Reads only.
select
    coalesce(sum(recus_clients), 0)::integer as clients,
    coalesce(sum(recus_contrats), 0)::integer as contrats,
    coalesce(sum(recus_informations_paiement), 0)::integer as informations_paiement
from crm_sync.normalisation
where present;
