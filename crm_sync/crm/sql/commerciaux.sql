-- nom: utilisateurs
-- Every user's id and address: few, and read only when a sales rep waits.
select id::text as crm_id, email from {utilisateur};

-- nom: apporteurs
-- Every apporteur's id, user and address: few, and read only when a sales rep waits.
select id::text as crm_id, utilisateur_id::text as utilisateur_id, email, created_at as cree_le from {apporteur};
