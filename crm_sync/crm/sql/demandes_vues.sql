-- nom: garde
-- Requests of one person are filed one after the other, so that their number is known. Freed at the end of the transaction.
select pg_advisory_xact_lock(7341228, hashtext(%(par)s::text));

-- nom: deposer
-- A request, as the CRM's button files it, unless this person has filed enough lately: one row, or none.
insert into crm_sync.demande_sync (id, demande_par)
select %(id)s::uuid, %(par)s::text
where
    %(nombre)s::integer > (
        select count(*)
        from crm_sync.demande_sync as d
        where d.demande_par = %(par)s::text and d.demande_le > clock_timestamp() - make_interval(secs => %(fenetre_s)s::integer)
    )
returning id::text as id;

-- nom: attente
-- Seconds until the oldest of somebody's recent requests no longer counts.
select
    ceil(extract(epoch from min(d.demande_le) + make_interval(secs => %(fenetre_s)s::integer) - clock_timestamp()))::integer
        as attente_s
from crm_sync.demande_sync as d
where d.demande_par = %(par)s::text and d.demande_le > clock_timestamp() - make_interval(secs => %(fenetre_s)s::integer);

-- nom: demande
select
    d.id::text as id,
    d.statut,
    d.etape,
    d.run_id,
    d.demande_par,
    d.demande_le,
    d.commence_le,
    d.termine_le,
    d.resultat,
    d.message
from crm_sync.demande_sync as d
where d.id::text = %(id)s::text;

-- nom: execution
-- A sync that nobody asked for, in the shape of a request.
select
    s.synchronisation_id as id,
    s.statut,
    case when s.statut = 'en_cours' then s.etape else 'terminé' end as etape,
    s.synchronisation_id as run_id,
    null::text as demande_par,
    s.commence_le as demande_le,
    s.commence_le,
    s.termine_le,
    nullif(s.comptes, '{{}}') as resultat,
    s.message
from crm_sync.synchronisation as s
where s.synchronisation_id = %(id)s::text and s.genre = 'synchronisation';

-- nom: en_attente
-- The last request of one person that no sync has taken up yet: one row, or none.
select d.id::text as id, d.demande_le
from crm_sync.demande_sync as d
where d.statut = 'en_attente' and d.demande_par = %(par)s::text
order by d.demande_le desc, d.id desc
limit 1;

-- nom: derniere
-- The id of the last request or sync, what runs before what waits for its end: a sync that serves requests is known by the last
-- of them.
select x.id
from (
    select d.id::text as id, d.demande_le as le, d.statut
    from crm_sync.demande_sync as d
    union all
    select s.synchronisation_id, s.commence_le, s.statut
    from crm_sync.synchronisation as s
    left join crm_sync.demande_sync as d on d.run_id = s.synchronisation_id
    where s.genre = 'synchronisation' and d.id is null
) as x
order by x.statut = 'en_cours' desc, x.statut = 'en_attente' desc, x.le desc, x.id desc
limit 1;

-- nom: demandeur
select nullif(concat_ws(' ', u.prenom, u.nom), '') as nom
from {utilisateur} as u
where u.id = %(id)s::{id_utilisateur};
