-- nom: references
-- The references of these contracts: one row per contract that the CRM has.
select id::text as crm_id, reference from {contrat} where id::text = any(%(ids)s::text[]);

-- nom: apporteurs
-- Every apporteur's name: few.
select id::text as crm_id, concat_ws(' ', prenom, nom) as nom from {apporteur};
