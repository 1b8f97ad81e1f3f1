-- nom: en_attente
-- Prospects whose client is not as the source has it: one row per prospect, with its link and base where there is one.
select
    n.source_id,
    n.source_id as id_prospect,
    n.noeuds,
    n.nom,
    n.prenom,
    n.email,
    n.telephone,
    n.naissance,
    n.identity_card,
    n.cle_nom,
    n.cle_prenom,
    n.cle_email,
    n.cles_telephone,
    n.modifie_a,
    n.empreinte,
    l.crm_id,
    l.etat,
    l.base ->> 'nom' as base_nom,
    l.base ->> 'prenom' as base_prenom,
    l.base ->> 'email' as base_email,
    l.base ->> 'telephone' as base_telephone,
    l.base ->> 'identity_card' as base_identity_card
from crm_sync.clients as n
left join crm_sync.lien as l on l.entite = 'client' and l.source_id = n.source_id
where n.present and (l.source_id is null or l.etat = 'prevu' or l.empreinte <> n.empreinte);

-- nom: ecartes
-- None: a prospect that cannot be a client is put aside when it is normalised.
select source_id, source_id as id_prospect, noeuds, '' as motif
from crm_sync.clients
where false;

-- nom: cles_a_rafraichir
-- CRM clients whose comparison keys are missing, or come from values that the row no longer has.
select c.id::text as crm_id, c.nom, c.prenom, c.email, c.telephone
from {client} as c
left join crm_sync.cle_client as k on k.client_id = c.id::text
where
    k.client_id is null
    or (k.nom, k.prenom, k.email, k.telephone) is distinct from (c.nom, c.prenom, c.email, c.telephone);

-- nom: cles_rafraichies
-- Replaces the keys of these clients.
insert into crm_sync.cle_client (
    client_id, nom, prenom, email, telephone, cle_nom, cle_prenom, cle_email, cles_telephone
)
select crm_id, nom, prenom, email, telephone, cle_nom, cle_prenom, cle_email, cles_telephone
from cles
on conflict (client_id) do update
set
    nom = excluded.nom,
    prenom = excluded.prenom,
    email = excluded.email,
    telephone = excluded.telephone,
    cle_nom = excluded.cle_nom,
    cle_prenom = excluded.cle_prenom,
    cle_email = excluded.cle_email,
    cles_telephone = excluded.cles_telephone;

-- nom: a_des_cles
-- Whether the CRM has any client: a first load into an empty one looks for nobody.
select 1
from crm_sync.cle_client
limit 1;

-- nom: candidats
-- CRM clients that share an e-mail or a phone key with somebody looked for.
select
    k.client_id as crm_id,
    k.cle_nom,
    k.cle_prenom,
    k.cle_email,
    k.cles_telephone,
    c.created_at as cree_le
from crm_sync.cle_client as k
inner join {client} as c on c.id::text = k.client_id
where
    k.cle_email in (select cle from cherchees)
    or exists (
        select 1
        from string_to_table(k.cles_telephone, ' ') as t (cle)
        inner join cherchees as r on r.cle = t.cle
    );
