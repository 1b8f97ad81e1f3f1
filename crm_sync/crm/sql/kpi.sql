-- nom: utilisateurs
-- Who manages each user.
select id::text as utilisateur_id, manager_id::text as manager_id from {utilisateur};

-- nom: remplacer
-- Both KPI tables in one statement: one row per apporteur, zero contracts included; one row per apporteur, month of signature
-- in Paris (null where there is none) and status. A status that we have no word for is read as "autre". A month that is
-- unchanged is not touched.
with cube as materialized (
    select
        commercial_id,
        case when statut = any(%(statuts)s::text[]) then statut else 'autre' end as statut,
        date_trunc('month', date_signature at time zone 'Europe/Paris')::date as mois,
        count(*)::integer as nb_contrats,
        coalesce(sum(montant), 0)::numeric(18, 2) as montant,
        max(coalesce(date_signature, created_at)) as dernier_contrat_le
    from {contrat}
    where commercial_id is not null
    group by 1, 2, 3
),

mois_retires as (
    delete from service_commercial.kpi_contrats_par_mois as k
    where not exists (
        select 1
        from cube as n
        where
            n.commercial_id = k.commercial_id
            and coalesce(n.mois, '-infinity') = coalesce(k.mois, '-infinity')
            and n.statut = k.statut
    )
),

mois_ecrits as (
    insert into service_commercial.kpi_contrats_par_mois as k (commercial_id, mois, statut, nb_contrats, montant)
    select n.commercial_id, n.mois, n.statut, n.nb_contrats, n.montant
    from cube as n
    left join service_commercial.kpi_contrats_par_mois as avant
        on
            avant.commercial_id = n.commercial_id
            and coalesce(avant.mois, '-infinity') = coalesce(n.mois, '-infinity')
            and avant.statut = n.statut
    where (avant.nb_contrats, avant.montant) is distinct from (n.nb_contrats, n.montant)
    on conflict (commercial_id, mois, statut) do update
    set nb_contrats = excluded.nb_contrats, montant = excluded.montant
),

portefeuille as (
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
    from cube
    group by commercial_id
),

clients as (
    select commercial_id, count(*) as nb_clients
    from (select distinct commercial_id, client_id from {contrat} where client_id is not null) as tenus
    group by commercial_id
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
        c.montant
    from {contrat} as c
    left join crm_sync.contrat_vente as v on v.contrat_id = c.id::text
),

ventes as (
    select commercial_id, count(*) as nb_vendus, sum(montant) as montant_vendu
    from vendus
    where commercial_id is not null
    group by commercial_id
),

nouveau as (
    select
        a.id as commercial_id,
        a.utilisateur_id,
        e.manager_id::uuid as manager_id,
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
    left join portefeuille as p on p.commercial_id = a.id
    left join clients as c on c.commercial_id = a.id
    left join ventes as v on v.commercial_id = a.id::text
    left join unnest(%(utilisateurs)s::text[], %(managers)s::text[]) as e (utilisateur_id, manager_id)
        on e.utilisateur_id = a.utilisateur_id::text
),

retire as (
    delete from service_commercial.kpi_contrats_par_commercial as k
    where not exists (select 1 from nouveau as n where n.commercial_id = k.commercial_id)
)

insert into service_commercial.kpi_contrats_par_commercial (
    commercial_id, utilisateur_id, manager_id, nom, prenom, nb_contrats, nb_en_attente, nb_signes, nb_valides, nb_annules,
    nb_resilies, nb_autres, nb_clients, montant_total, montant_valide, part, rang, dernier_contrat_le,
    calcule_le, nb_vendus, montant_vendu
)
select
    commercial_id, utilisateur_id, manager_id, nom, prenom, nb_contrats, nb_en_attente, nb_signes, nb_valides, nb_annules,
    nb_resilies, nb_autres, nb_clients, montant_total, montant_valide, part, rang, dernier_contrat_le,
    calcule_le, nb_vendus, montant_vendu
from nouveau
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

-- nom: tableau
-- The KPI table, best first.
select
    nom, prenom, nb_contrats, nb_en_attente, nb_signes, nb_valides, nb_annules, nb_resilies, nb_autres, nb_clients,
    montant_total, montant_valide, part, rang, nb_vendus, montant_vendu, calcule_le, commercial_id::text,
    utilisateur_id::text, manager_id::text, dernier_contrat_le
from service_commercial.kpi_contrats_par_commercial
order by rang, nom, prenom, commercial_id;

-- nom: portefeuilles
-- Each apporteur's contracts as the CRM has them at this moment: one row per apporteur.
select a.id::text, concat_ws(' ', a.prenom, a.nom), count(c.id)
from {apporteur} as a
left join {contrat} as c on c.commercial_id = a.id
group by a.id, a.prenom, a.nom;

-- nom: totaux
-- The KPI's total beside the contracts that the CRM holds: they must be equal.
select
    (select coalesce(sum(nb_contrats), 0) from service_commercial.kpi_contrats_par_commercial),
    (select coalesce(sum(nb_contrats), 0) from service_commercial.kpi_contrats_par_mois),
    (select count(*) from {contrat});
