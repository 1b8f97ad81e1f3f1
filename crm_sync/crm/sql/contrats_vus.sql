-- nom: lus
-- The contracts of the CRM as people see them: one row each, deleted ones left out. A status that we have no word for is `autre`
-- and keeps its text. Who holds it: the reserved apporteur where it names nobody, or one who is not there. Who sold it: as
-- noted, else who holds it where it is signed, never *Non attribué*. A date that no calendar has (infinity, before Christ, after
-- the year 9999) is none: it is in no period. `montant_compte` is what adds up: nothing of what is no amount.
select
    c.id,
    c.reference,
    c.description,
    case when c.statut = any(%(statuts)s::text[]) then c.statut else 'autre' end as statut,
    coalesce(c.statut_source, case when not coalesce(c.statut = any(%(statuts)s::text[]), true) then c.statut end)
        as statut_source,
    c.type,
    c.fournisseur,
    c.produit,
    c.montant,
    case when abs(c.montant) < 10000000000 then c.montant end as montant_compte,
    case
        when c.date_signature >= '0001-01-01' and c.date_signature < '9999-12-31 23:00:00+00' then c.date_signature
    end as date_signature,
    c.date_validation,
    c.document_url,
    c.audit_trail_url,
    c.client_id,
    c.commercial_id,
    coalesce(a.id::text, %(non_attribue)s::text) as detenteur_id,
    case when c.created_at >= '0001-01-01' and c.created_at < '9999-12-31 23:00:00+00' then c.created_at end as created_at,
    c.updated_at,
    coalesce(
        v.commercial_id,
        case
            when
                (c.date_signature is not null or c.statut = any(%(vendus)s::text[]))
                and c.commercial_id::text is distinct from %(non_attribue)s::text
                then c.commercial_id::text
        end
    ) as vendeur_id
from {contrat} as c
left join {apporteur} as a on a.id = c.commercial_id
left join crm_sync.contrat_vente as v on v.contrat_id = c.id::text
where not c.supprime;

-- nom: un
select {colonnes}
from {lus} as c
where c.id = %(id)s::{id_contrat};

-- nom: du_client
select {colonnes}
from {lus} as c
where c.client_id = %(id)s::{id_client}
order by c.date_signature desc nulls last, c.id desc;

-- nom: du_commercial
-- One page of the contracts of one sales rep, in either reading, from where the last one ended. What was sold and has gone to
-- somebody else is there only where the viewer sees the contract or its client.
select {colonnes}, coalesce(c.date_signature, '-infinity')::text as cle_le
from {lus} as c
where
    (
        (%(lecture)s::text = 'portefeuille' and c.commercial_id = %(id)s::{id_apporteur})
        or (
            %(lecture)s::text = 'portefeuille'
            and %(id)s::text = %(non_attribue)s::text
            and c.detenteur_id = %(non_attribue)s::text
        )
        or (
            %(lecture)s::text = 'vendu'
            and c.vendeur_id = %(id)s::text
            and (
                %(voit_tout)s::boolean
                or c.commercial_id = any(%(apporteurs)s::{id_apporteur}[])
                or c.client_id in (
                    select t.client_id
                    from {contrat} as t
                    where not t.supprime and t.commercial_id = any(%(apporteurs)s::{id_apporteur}[])
                )
            )
        )
    )
    and (%(choisis)s::text[] is null or c.statut = any(%(choisis)s::text[]))
    and (%(du)s::date is null or c.date_signature >= %(du)s::date::timestamp at time zone 'Europe/Paris')
    and (%(au)s::date is null or c.date_signature < (%(au)s::date + 1)::timestamp at time zone 'Europe/Paris')
    and (
        %(apres_id)s::text is null
        or (coalesce(c.date_signature, '-infinity'), c.id) < (%(apres_le)s::timestamptz, %(apres_id)s::{id_contrat})
    )
order by coalesce(c.date_signature, '-infinity') desc, c.id desc
limit %(limite)s::integer;

-- nom: apporteurs
-- The names of these sales reps: one row each.
select a.id::text as id, nullif(concat_ws(' ', a.prenom, a.nom), '') as nom
from {apporteur} as a
where a.id = any(%(ids)s::{id_apporteur}[]);

-- nom: clients
-- The names of these clients: one row each.
select c.id::text as id, nullif(concat_ws(' ', c.prenom, c.nom), '') as nom
from {client} as c
where c.id = any(%(ids)s::{id_client}[]);
