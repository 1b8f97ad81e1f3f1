-- nom: equipe
-- Who the viewer is and whose contracts are theirs to see: one row per member - the viewer, and for a manager everybody below
-- them at any depth, active or not -, none where the viewer sees nothing. `union` ends a cycle. Reads only.
with recursive moi as (
    select u.id, u.role, u.nom, u.prenom
    from {utilisateur} as u
    where u.id = {moi} and {actif} and not u.supprime and u.role in ('commercial', 'manager', 'admin')
),

equipe as (
    select m.id
    from moi as m
    union
    select u.id
    from equipe as e
    inner join {utilisateur} as u on u.manager_id = e.id
    where exists (select 1 from moi as m where m.role = 'manager')
)

select m.id as utilisateur_id, m.role, m.nom, m.prenom, e.id as membre_id
from moi as m
cross join equipe as e;

-- nom: apporteurs
-- The sales reps of these users: one row per apporteur.
select a.id::text as id, a.utilisateur_id::text as utilisateur_id
from {apporteur} as a
where a.utilisateur_id = any(%(membres)s::{id_utilisateur}[])
order by a.supprime, a.id;

-- nom: client_tenu
-- Whether a client has a contract with one of these sales reps: one row where so.
select 1
from {contrat} as c
where c.client_id = %(client_id)s::{id_client} and not c.supprime and c.commercial_id = any(%(apporteurs)s::{id_apporteur}[])
limit 1;

-- nom: clients_tenus
-- Which of these clients have a contract with one of these sales reps: one row each.
select distinct c.client_id::text as id
from {contrat} as c
where
    c.client_id = any(%(clients)s::{id_client}[])
    and not c.supprime
    and c.commercial_id = any(%(apporteurs)s::{id_apporteur}[]);

-- nom: apporteur_existe
select 1
from {apporteur} as a
where a.id = %(id)s::{id_apporteur};

-- nom: kpi_pour
-- The rows of the KPI table that one viewer may see, from the live tables: the body of crm_sync.kpi_pour.
with visible as (
    select e.role, e.membre_id
    from {equipe} as e
)

select
    {colonnes}
from {kpi_commercial} as k
left join {apporteur} as a on a.id = k.commercial_id::{id_apporteur}
where
    exists (select 1 from visible as v where v.role = 'admin')
    or a.utilisateur_id in (select v.membre_id from visible as v);

-- nom: colonnes_kpi
-- The KPI table's columns with their types, in order.
select a.attname as nom, format_type(a.atttypid, a.atttypmod) as type
from pg_attribute as a
where a.attrelid = %(table)s::regclass and a.attnum > 0 and not a.attisdropped
order by a.attnum;

-- nom: fonctions
-- What is there under this name: each overload with the mark that says which text it was made from.
select p.oid::regprocedure::text as fonction, obj_description(p.oid, 'pg_proc') as empreinte
from pg_proc as p
inner join pg_namespace as n on n.oid = p.pronamespace
where n.nspname = 'crm_sync' and p.proname = 'kpi_pour';
