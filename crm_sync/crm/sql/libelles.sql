-- nom: references
-- The references of these contracts: one row per contract that the CRM has.
select c.id::text as crm_id, c.reference
from {contrat} as c
where c.id::text = any(%(ids)s::text[]);

-- nom: apporteurs
-- Every apporteur's name: few.
select a.id::text as crm_id, concat_ws(' ', a.prenom, a.nom) as nom from {apporteur} as a;
