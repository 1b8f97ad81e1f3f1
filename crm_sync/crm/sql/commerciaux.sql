-- nom: utilisateurs
-- Every user's id and address: few, and read only when a sales rep waits.
select u.id::text as crm_id, u.email from {utilisateur} as u;

-- nom: apporteurs
-- Every apporteur's id, user and address: few, and read only when a sales rep waits.
select a.id::text as crm_id, a.utilisateur_id::text as utilisateur_id, a.email, a.created_at as cree_le
from {apporteur} as a;
