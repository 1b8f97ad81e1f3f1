-- nom: utilisateurs
-- Who manages each user.
select u.id::text as utilisateur_id, u.manager_id::text as manager_id from {utilisateur} as u;

-- nom: mois
-- Contracts by apporteur, month of signature in Paris and status: one row each. The month is null where there is no date, or none
-- of a calendar (infinity, before Christ, after the year 9999); what is no amount (NaN, infinity, ten billions) adds nothing. A
-- status that we have no word for is read as "autre"; a contract that is marked as deleted is none, one that names no sales rep,
-- or one who is not there, is the reserved apporteur's where there is one.
select
    d.commercial_id::text as commercial_id,
    date_trunc('month', d.signe_le at time zone 'Europe/Paris')::date as mois,
    d.statut,
    count(*)::integer as nb_contrats,
    coalesce(sum(d.montant), 0)::numeric(18, 2) as montant,
    max(coalesce(d.signe_le, d.cree_le)) as dernier_contrat_le
from (
    select
        coalesce(a.id, %(non_attribue)s::{type_apporteur}) as commercial_id,
        case when abs(c.montant) < 10000000000 then c.montant end as montant,
        case when c.statut = any(%(statuts)s::text[]) then c.statut else 'autre' end as statut,
        case
            when c.date_signature >= '0001-01-01' and c.date_signature < '9999-12-31 23:00:00+00' then c.date_signature
        end as signe_le,
        case when c.created_at >= '0001-01-01' and c.created_at < '9999-12-31 23:00:00+00' then c.created_at end as cree_le
    from {contrat} as c
    left join {apporteur} as a on a.id = c.commercial_id
    where not c.supprime and (a.id is not null or %(non_attribue)s::text is not null)
) as d
group by d.commercial_id, 2, d.statut;

-- nom: commerciaux
-- One row per apporteur, zero contracts included: what the months (`kpi_mois`, of the statement around) add up to, and who sold.
-- One that is marked as deleted counts as long as somebody's contracts hang on it.
with portefeuille as (
    select
        commercial_id,
        sum(nb_contrats) as nb_contrats,
        sum(nb_contrats) filter (where statut = 'en_attente') as nb_en_attente,
        sum(nb_contrats) filter (where statut = 'signe') as nb_signes,
        sum(nb_contrats) filter (where statut = 'valide') as nb_valides,
        sum(nb_contrats) filter (where statut = 'annule') as nb_annules,
        sum(nb_contrats) filter (where statut = 'resilie') as nb_resilies,
        sum(nb_contrats) filter (where statut = 'autre') as nb_autres,
        sum(montant) as montant_total,
        sum(montant) filter (where statut = 'valide') as montant_valide,
        max(dernier_contrat_le) as dernier_contrat_le
    from kpi_mois
    group by commercial_id
),

clients as (
    select tenus.commercial_id::text as commercial_id, count(*) as nb_clients
    from (
        select distinct coalesce(a.id, %(non_attribue)s::{type_apporteur}) as commercial_id, c.client_id
        from {contrat} as c
        left join {apporteur} as a on a.id = c.commercial_id
        where c.client_id is not null and not c.supprime
    ) as tenus
    group by tenus.commercial_id
),

-- *Vendu par*: who held a contract when it was first seen signed, or who holds it where no sync noted that; never the
-- reserved apporteur.
vendus as (
    select
        coalesce(
            v.commercial_id,
            case
                when
                    (c.date_signature is not null or c.statut = any(%(vendus)s::text[]))
                    and c.commercial_id::text is distinct from %(non_attribue)s::text
                    then c.commercial_id::text
            end
        ) as commercial_id,
        case when abs(c.montant) < 10000000000 then c.montant end as montant
    from {contrat} as c
    left join crm_sync.contrat_vente as v on v.contrat_id = c.id::text
    where not c.supprime
),

ventes as (
    select commercial_id, count(*) as nb_vendus, sum(montant) as montant_vendu
    from vendus
    where commercial_id is not null
    group by commercial_id
)

select
    a.id::text as commercial_id,
    a.utilisateur_id::text as utilisateur_id,
    e.manager_id,
    a.nom,
    a.prenom,
    coalesce(p.nb_contrats, 0) as nb_contrats,
    coalesce(p.nb_en_attente, 0) as nb_en_attente,
    coalesce(p.nb_signes, 0) as nb_signes,
    coalesce(p.nb_valides, 0) as nb_valides,
    coalesce(p.nb_annules, 0) as nb_annules,
    coalesce(p.nb_resilies, 0) as nb_resilies,
    coalesce(p.nb_autres, 0) as nb_autres,
    coalesce(c.nb_clients, 0) as nb_clients,
    coalesce(p.montant_total, 0) as montant_total,
    coalesce(p.montant_valide, 0) as montant_valide,
    coalesce(p.nb_contrats::numeric / nullif(sum(p.nb_contrats) over (), 0), 0) as part,
    dense_rank() over (order by coalesce(p.nb_contrats, 0) desc) as rang,
    p.dernier_contrat_le,
    now() as calcule_le,
    coalesce(v.nb_vendus, 0) as nb_vendus,
    coalesce(v.montant_vendu, 0) as montant_vendu
from {apporteur} as a
left join portefeuille as p on p.commercial_id = a.id::text
left join clients as c on c.commercial_id = a.id::text
left join ventes as v on v.commercial_id = a.id::text
left join unnest(%(utilisateurs)s::text[], %(managers)s::text[]) as e (utilisateur_id, manager_id)
    on e.utilisateur_id = a.utilisateur_id::text
where not a.supprime or p.nb_contrats > 0 or v.nb_vendus > 0;

-- nom: remplacer
-- Both KPI tables in one statement, from what was counted. A month that is unchanged is not touched.
with kpi_mois as materialized (
    select m.* from {mois_comptes} as m
),

kpi_commercial as materialized (
    select c.* from {commerciaux_comptes} as c
),

-- `k` is null of a month that is new, `n` of one that is no more.
ecarts as materialized (
    select
        n.commercial_id,
        k.commercial_id as ancien_id,
        coalesce(n.mois, k.mois) as mois,
        coalesce(n.statut, k.statut) as statut,
        n.nb_contrats,
        n.montant
    from kpi_mois as n
    full join {kpi_mois} as k
        on
            k.commercial_id::text = n.commercial_id
            and coalesce(k.mois, '-infinity') = coalesce(n.mois, '-infinity')
            and k.statut = n.statut
    where (n.nb_contrats, n.montant) is distinct from (k.nb_contrats, k.montant)
),

mois_retires as (
    delete from {kpi_mois} as k
    using ecarts as e
    where
        e.commercial_id is null
        and k.commercial_id = e.ancien_id
        and k.statut = e.statut
        and k.mois is not distinct from e.mois
),

mois_ecrits as (
    insert into {kpi_mois} as k (commercial_id, mois, statut, nb_contrats, montant)
    select e.commercial_id::{id_apporteur}, e.mois, e.statut, e.nb_contrats, e.montant
    from ecarts as e
    where e.commercial_id is not null
    on conflict (commercial_id, mois, statut) do update
    set nb_contrats = excluded.nb_contrats, montant = excluded.montant
),

retire as (
    delete from {kpi_commercial} as k
    where not exists (select 1 from kpi_commercial as n where n.commercial_id = k.commercial_id::text)
)

insert into {kpi_commercial} (
    commercial_id, utilisateur_id, manager_id, nom, prenom, nb_contrats, nb_en_attente, nb_signes, nb_valides, nb_annules,
    nb_resilies, nb_autres, nb_clients, montant_total, montant_valide, part, rang, dernier_contrat_le,
    calcule_le, nb_vendus, montant_vendu
)
select
    commercial_id::{id_apporteur}, utilisateur_id::{id_utilisateur}, manager_id::{id_utilisateur}, nom, prenom, nb_contrats,
    nb_en_attente, nb_signes, nb_valides, nb_annules, nb_resilies, nb_autres, nb_clients, montant_total, montant_valide, part,
    rang, dernier_contrat_le, calcule_le, nb_vendus, montant_vendu
from kpi_commercial
on conflict (commercial_id) do update
set
    utilisateur_id = excluded.utilisateur_id,
    manager_id = excluded.manager_id,
    nom = excluded.nom,
    prenom = excluded.prenom,
    nb_contrats = excluded.nb_contrats,
    nb_en_attente = excluded.nb_en_attente,
    nb_signes = excluded.nb_signes,
    nb_valides = excluded.nb_valides,
    nb_annules = excluded.nb_annules,
    nb_resilies = excluded.nb_resilies,
    nb_autres = excluded.nb_autres,
    nb_clients = excluded.nb_clients,
    montant_total = excluded.montant_total,
    montant_valide = excluded.montant_valide,
    part = excluded.part,
    rang = excluded.rang,
    dernier_contrat_le = excluded.dernier_contrat_le,
    calcule_le = excluded.calcule_le,
    nb_vendus = excluded.nb_vendus,
    montant_vendu = excluded.montant_vendu;

-- nom: compte
-- What was counted of one of the two tables, to be carried to another database.
with kpi_mois as materialized (
    select m.* from {mois_comptes} as m
)

select c.* from {comptes} as c;

-- nom: tableau
-- The KPI table, best first.
select
    nom, prenom, nb_contrats, nb_en_attente, nb_signes, nb_valides, nb_annules, nb_resilies, nb_autres, nb_clients,
    montant_total, montant_valide, part, rang, nb_vendus, montant_vendu, calcule_le, commercial_id::text,
    utilisateur_id::text, manager_id::text, dernier_contrat_le
from {kpi_commercial}
order by rang, nom, prenom, commercial_id;

-- nom: portefeuilles
-- Each apporteur's contracts as the CRM has them at this moment: one row per apporteur.
select a.id::text, concat_ws(' ', a.prenom, a.nom), count(c.id)
from {apporteur} as a
left join {contrat} as c on c.commercial_id = a.id and not c.supprime
group by a.id, a.prenom, a.nom;

-- nom: totaux
-- The totals of both KPI tables.
select
    (select coalesce(sum(nb_contrats), 0) from {kpi_commercial}),
    (select coalesce(sum(nb_contrats), 0) from {kpi_mois});

-- nom: contrats
-- The contracts that the CRM holds and that some apporteur can be said to have: what both totals must be.
select count(*)
from {contrat} as c
left join {apporteur} as a on a.id = c.commercial_id
where not c.supprime and (a.id is not null or %(non_attribue)s::text is not null);

-- nom: table_commercial
-- The KPI table, where a CRM of its own has none: one row per apporteur.
create table {kpi_commercial} (
    commercial_id {id_apporteur} primary key,
    utilisateur_id {id_utilisateur},
    manager_id {id_utilisateur},
    nom text,
    prenom text,
    nb_contrats integer not null,
    nb_en_attente integer not null,
    nb_signes integer not null,
    nb_valides integer not null,
    nb_annules integer not null,
    nb_resilies integer not null,
    nb_autres integer not null,
    nb_clients integer not null,
    montant_total numeric(18, 2) not null,
    montant_valide numeric(18, 2) not null,
    part numeric(7, 6) not null,
    rang integer not null,
    dernier_contrat_le timestamptz,
    calcule_le timestamptz not null,
    nb_vendus integer not null,
    montant_vendu numeric(18, 2) not null
);

-- nom: table_mois
-- Contracts by month, where a CRM of its own has no such table: one row per apporteur, month and status.
create table {kpi_mois} (
    commercial_id {id_apporteur} not null,
    mois date,
    statut text not null,
    nb_contrats integer not null,
    montant numeric(18, 2) not null,
    unique nulls not distinct (commercial_id, mois, statut)
);

-- nom: a_nous
-- Whether this role may make the KPI tables of our schema anew: one row. Reads only.
select
    has_schema_privilege('crm_sync', 'CREATE')
    and coalesce(bool_and(pg_has_role(c.relowner, 'USAGE')), true)
from pg_class as c
where
    c.oid in (
        to_regclass('crm_sync.kpi_contrats_par_commercial'), to_regclass('crm_sync.kpi_contrats_par_mois')
    );

-- nom: types_des_ids
-- The types of the KPI's ids as they are now; no row where there is no such table.
select format_type(a.atttypid, a.atttypmod)
from pg_attribute as a
where
    a.attrelid = to_regclass('crm_sync.kpi_contrats_par_commercial')
    and a.attname in ('commercial_id', 'utilisateur_id')
order by a.attname;
