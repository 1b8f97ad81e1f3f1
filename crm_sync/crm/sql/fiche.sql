-- nom: par_id
select c.id::text from {client} as c where c.id::text = %(valeur)s::text;

-- nom: par_reference
-- Every contract with its holder and reference: compared by key in Python.
select c.id::text as id, c.client_id::text as client_id, c.reference from {contrat} as c;

-- nom: contacts
-- Every client's e-mail and phone: compared by key in Python.
select c.id::text, c.email, c.telephone from {client} as c;

-- nom: client
select
    c.id::text as id, c.nom, c.prenom, c.email, c.telephone, c.statut, c.created_at, c.updated_at,
    c.identity_card is not null as carte_identite, c.supprime
from {client} as c
where c.id::text = %(id)s::text;

-- nom: contrats
select
    c.id::text as id, c.reference, c.produit, c.fournisseur, c.type, c.statut, c.statut_source, c.montant,
    c.date_signature, c.date_validation, concat_ws(' ', a.prenom, a.nom) as commercial
from {contrat} as c
left join {apporteur} as a on a.id = c.commercial_id
where c.client_id::text = %(id)s::text and not c.supprime
order by c.date_signature desc nulls last, c.reference;

-- nom: paiements
-- Bank details, masked in the database: the whole IBAN never leaves it.
select
    i.id::text as id,
    'IBAN ' || left(i.iban, 2) || '** **** ' || right(i.iban, 4) as iban,
    i.bic is not null as bic_connu
from {information_paiement} as i
where i.client_id::text = %(id)s::text and not i.supprime
order by i.created_at, i.id;

-- nom: liens
-- Which prospects of the source the client is, since when, and since when the source no longer has them.
select
    l.source_id as id_prospect, l.regle, l.cree_le, l.applique_le, coalesce(n.present, false) as present, a.disparu_le
from crm_sync.lien as l
left join crm_sync.clients as n on n.source_id = l.source_id
left join crm_sync.absence as a on a.entite = l.entite and a.source_id = l.source_id and a.revenu_le is null
where l.entite = 'client' and l.crm_id = %(id)s::text
order by l.source_id;

-- nom: disparus
-- Which of these rows are gone from the source, and since when: every node that is such a row is marked. It begins with what is
-- marked, which is little.
with marques as (
    select a.source_id, a.disparu_le
    from crm_sync.absence as a
    where a.entite = %(entite)s::text and a.revenu_le is null and a.disparu_le is not null
),

possibles as (
    select distinct l.crm_id
    from marques as m
    inner join crm_sync.lien as l on l.entite = %(entite)s::text and l.source_id = m.source_id
    where l.crm_id = any(%(ids)s::text[])
)

select l.crm_id, max(m.disparu_le) as disparu_le
from possibles as p
inner join crm_sync.lien as l on l.entite = %(entite)s::text and l.crm_id = p.crm_id
left join marques as m on m.source_id = l.source_id
group by l.crm_id
having count(*) = count(m.disparu_le);

-- nom: rejets
-- What is put aside, oldest first.
select entite, id_prospect, chemin, motif, raison, que_faire, noeuds, depuis
from crm_sync.rejet
where ferme_le is null and present
order by depuis, rejet_id;
