-- nom: compte
-- An invented user of the demo, made or made active again: one row. The built-in tables of the embedded database only.
insert into service_core.utilisateur (email, nom, prenom, role, actif)
values (%(email)s::text, %(nom)s::text, %(prenom)s::text, %(role)s::text, true)
on conflict ((lower(email))) do update
set actif = true, updated_at = now()
returning id::text as id;

-- nom: vendeurs
-- The sales reps that the demo shows, those of its team first, then by contracts: one row each.
select a.id::text as commercial_id, u.id::text as utilisateur_id, concat_ws(' ', u.prenom, u.nom) as nom
from service_commercial.apporteur as a
inner join service_core.utilisateur as u on u.id = a.utilisateur_id
inner join service_commercial.contrat as c on c.commercial_id = a.id
group by a.id, u.id, u.prenom, u.nom, u.actif, u.manager_id
order by coalesce(u.manager_id = %(manager_id)s::uuid, false) desc, coalesce(u.actif, false) desc, count(*) desc, a.id
limit %(nombre)s::integer;

-- nom: equipe
-- Puts these users under the demo's manager.
update service_core.utilisateur
set manager_id = %(manager_id)s::uuid, updated_at = now()
where id = any(%(membres)s::uuid[]) and manager_id is null;

-- nom: activer
-- Lets one of them log in.
update service_core.utilisateur
set actif = true, updated_at = now()
where id = %(id)s::uuid and actif is distinct from true;

-- nom: exemple
-- A client of this sales rep with much to show, and one of the contracts: one row.
select c.client_id::text as client_id, min(c.id::text) filter (where c.commercial_id = %(commercial_id)s::uuid) as contrat_id
from service_commercial.contrat as c
inner join service_core.client_base as k on k.id = c.client_id
left join service_finance.information_paiement_bancaire as i on i.client_id = c.client_id
group by c.client_id, k.identity_card is not null
having bool_or(c.commercial_id = %(commercial_id)s::uuid)
order by count(distinct c.id) desc, count(i.id) > 0 desc, k.identity_card is not null desc, c.client_id
limit 1;
