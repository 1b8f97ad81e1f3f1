-- nom: existants
-- Bank details that the CRM has of these clients.
select t.id::text as crm_id, t.client_id::text as client_id, t.iban, t.created_at as cree_le, t.supprime
from {information_paiement} as t
inner join unnest(%(clients)s::text[]) as v (client_id) on v.client_id = t.client_id::text;
