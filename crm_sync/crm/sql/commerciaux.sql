-- nom: en_attente
-- Sales reps of the source that are not in the CRM as the source has them: one row per person; and the
-- reserved one, `non_attribue`, once a contract waits that names nobody usable.
select
    n.source_id,
    null::text as id_prospect,
    n.noeuds,
    n.nom,
    n.prenom,
    n.email,
    n.telephone,
    n.cle_email,
    n.modifie_a,
    n.empreinte,
    l.crm_id,
    l.etat,
    u.crm_id as utilisateur_id,
    u.etat as utilisateur_etat,
    l.base ->> 'nom' as base_nom,
    l.base ->> 'prenom' as base_prenom,
    l.base ->> 'email' as base_email,
    l.base ->> 'telephone' as base_telephone,
    l.base ->> 'utilisateur_id' as base_utilisateur_id
from (
    select source_id, nom, prenom, email, telephone, cle_email, modifie_a, empreinte, noeuds
    from crm_sync.commercial_retenu
    union all
    select 'non_attribue', 'Non attribué', null, null, null, null, null, '1', 0
    where exists (
        select 1
        from crm_sync.contrats as k
        left join crm_sync.lien as kl on kl.entite = 'contrat' and kl.source_id = k.source_id
        left join crm_sync.commercial_retenu as c
            on c.source_id = k.commercial_source_id and c.cle_email is not null
        where k.present and kl.source_id is null and c.source_id is null
    )
) as n
left join crm_sync.lien as l on l.entite = 'apporteur' and l.source_id = n.source_id
left join crm_sync.lien as u on u.entite = 'utilisateur' and u.source_id = n.source_id
where
    (l.source_id is null or l.etat = 'prevu' or l.empreinte <> n.empreinte)
    and (n.cle_email is not null or l.source_id is not null or n.source_id = 'non_attribue');

-- nom: ecartes
-- Sales reps that nothing leads to: no usable e-mail, and no link from before.
select n.source_id, null::text as id_prospect, n.noeuds, 'commercial_sans_email' as motif
from crm_sync.commercial_retenu as n
left join crm_sync.lien as l on l.entite = 'apporteur' and l.source_id = n.source_id
where n.cle_email is null and l.source_id is null;

-- nom: utilisateurs
-- Every user's id and address: few, and read only when a sales rep waits.
select id::text as crm_id, email from {utilisateur};

-- nom: apporteurs
-- Every apporteur's id, user and address: few, and read only when a sales rep waits.
select id::text as crm_id, utilisateur_id::text as utilisateur_id, email, created_at as cree_le from {apporteur};
