-- nom: utilisateurs
-- Every user's id and address, the living first: few, and read only when a sales rep waits.
select u.id::text as crm_id, u.email
from {utilisateur} as u
order by u.supprime, u.id;

-- nom: apporteurs
-- Every apporteur's id, user and address, the living first, then the oldest: few, and read only when a sales rep waits.
select a.id::text as crm_id, a.utilisateur_id::text as utilisateur_id, a.email
from {apporteur} as a
order by a.supprime, a.created_at, a.id;
