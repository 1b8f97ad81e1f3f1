-- nom: lignes
-- The KPI table as it is, best first: one row per apporteur.
select
    k.commercial_id::text as commercial_id, k.utilisateur_id::text as utilisateur_id, k.manager_id::text as manager_id, k.nom,
    k.prenom, k.nb_contrats, k.nb_en_attente, k.nb_signes, k.nb_valides, k.nb_annules, k.nb_resilies, k.nb_autres, k.nb_clients,
    k.montant_total, k.montant_valide, k.part, k.rang, k.dernier_contrat_le, k.calcule_le, k.nb_vendus, k.montant_vendu
from {kpi_commercial} as k
order by k.rang, k.nom, k.prenom, k.commercial_id;

-- nom: calcule_le
select max(k.calcule_le) as le from {kpi_commercial} as k;

-- nom: mois
-- Contracts by month as the KPI has them: one row per apporteur, month and status.
select m.commercial_id::text as commercial_id, m.mois, m.statut, m.nb_contrats, m.montant
from {kpi_mois} as m
order by m.mois nulls last, m.commercial_id, m.statut;

-- nom: compter
-- The figures of the KPI table counted from the contracts that are meant: one row per apporteur with one, in either reading.
with vus as (
    select c.*
    from {lus} as c
    where
        (%(choisis)s::text[] is null or c.statut = any(%(choisis)s::text[]))
        and (%(du)s::date is null or c.date_signature >= %(du)s::date::timestamp at time zone 'Europe/Paris')
        and (%(au)s::date is null or c.date_signature < (%(au)s::date + 1)::timestamp at time zone 'Europe/Paris')
),

tenus as (
    select
        v.detenteur_id as commercial_id,
        count(*) as nb_contrats,
        count(*) filter (where v.statut = 'en_attente') as nb_en_attente,
        count(*) filter (where v.statut = 'signe') as nb_signes,
        count(*) filter (where v.statut = 'valide') as nb_valides,
        count(*) filter (where v.statut = 'annule') as nb_annules,
        count(*) filter (where v.statut = 'resilie') as nb_resilies,
        count(*) filter (where v.statut = 'autre') as nb_autres,
        count(distinct v.client_id) as nb_clients,
        coalesce(sum(v.montant_compte), 0)::numeric(18, 2) as montant_total,
        coalesce(sum(v.montant_compte) filter (where v.statut = 'valide'), 0)::numeric(18, 2) as montant_valide,
        max(coalesce(v.date_signature, v.created_at)) as dernier_contrat_le
    from vus as v
    where v.detenteur_id is not null
    group by v.detenteur_id
),

vendus as (
    select
        v.vendeur_id as commercial_id,
        count(*) as nb_vendus,
        coalesce(sum(v.montant_compte), 0)::numeric(18, 2) as montant_vendu
    from vus as v
    where v.vendeur_id is not null
    group by v.vendeur_id
)

select
    coalesce(t.commercial_id, w.commercial_id) as commercial_id,
    coalesce(t.nb_contrats, 0) as nb_contrats,
    coalesce(t.nb_en_attente, 0) as nb_en_attente,
    coalesce(t.nb_signes, 0) as nb_signes,
    coalesce(t.nb_valides, 0) as nb_valides,
    coalesce(t.nb_annules, 0) as nb_annules,
    coalesce(t.nb_resilies, 0) as nb_resilies,
    coalesce(t.nb_autres, 0) as nb_autres,
    coalesce(t.nb_clients, 0) as nb_clients,
    coalesce(t.montant_total, 0) as montant_total,
    coalesce(t.montant_valide, 0) as montant_valide,
    t.dernier_contrat_le,
    coalesce(w.nb_vendus, 0) as nb_vendus,
    coalesce(w.montant_vendu, 0) as montant_vendu
from tenus as t
full join vendus as w on w.commercial_id = t.commercial_id;

-- nom: compter_mois
-- Contracts by month counted from those that are meant, in the chosen reading: one row per apporteur, month and status. One who
-- is not there has none, as in the table.
select
    c.commercial_id,
    c.mois,
    c.statut,
    count(*) as nb_contrats,
    coalesce(sum(c.montant_compte), 0)::numeric(18, 2) as montant
from (
    select
        case when %(lecture)s::text = 'vendu' then l.vendeur_id else l.detenteur_id end as commercial_id,
        date_trunc('month', l.date_signature at time zone 'Europe/Paris')::date as mois,
        l.statut,
        l.montant_compte
    from {lus} as l
    where
        (%(choisis)s::text[] is null or l.statut = any(%(choisis)s::text[]))
        and (%(du)s::date is null or l.date_signature >= %(du)s::date::timestamp at time zone 'Europe/Paris')
        and (%(au)s::date is null or l.date_signature < (%(au)s::date + 1)::timestamp at time zone 'Europe/Paris')
) as c
inner join {apporteur} as a on a.id::text = c.commercial_id
group by c.commercial_id, c.mois, c.statut
order by c.mois nulls last, c.commercial_id, c.statut;

-- nom: sans_commercial
-- How many of the contracts that are meant nobody can be said to hold: those that no row counts. One row.
select count(*) as nombre
from {lus} as c
where
    c.detenteur_id is null
    and (%(choisis)s::text[] is null or c.statut = any(%(choisis)s::text[]))
    and (%(du)s::date is null or c.date_signature >= %(du)s::date::timestamp at time zone 'Europe/Paris')
    and (%(au)s::date is null or c.date_signature < (%(au)s::date + 1)::timestamp at time zone 'Europe/Paris');
