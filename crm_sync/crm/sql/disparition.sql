-- nom: a_juger
-- The last accepted answer, and whether it is judged already: one row, none before the first. Read before what it is
-- judged by: what moves in between makes the next answer look again.
select
    r.reponse_id,
    r.recue_le,
    r.complete,
    r.retraits_en_attente,
    (select m.last_value from crm_sync.mouvement as m) as mouvement
from crm_sync.reponse as r
order by r.reponse_id desc
limit 1;

-- nom: derniere_jugee
-- The last judged answer: one row, none before the first. `mouvement` is null where the next one cannot lean on it.
select r.reponse_id, r.recue_le, r.complete, r.retraits_en_attente, r.mouvement
from crm_sync.reponse as r
where r.complete is not null
order by r.reponse_id desc
limit 1;

-- nom: approbation_ouverte
-- The approval that waits for an answer: one row at most.
select a.approbation_id, a.nombre, a.approuve_par, a.approuve_le
from crm_sync.approbation as a
where a.reponse_id is null and a.remplacee_le is null;

-- nom: connus
-- Known nodes by entity: written links that are not marked as gone.
select l.entite, count(*) as nombre
from crm_sync.lien as l
left join crm_sync.absence as a
    on a.entite = l.entite and a.source_id = l.source_id and a.revenu_le is null and a.disparu_le is not null
where
    l.etat = 'ecrit'
    and l.entite in ('client', 'contrat', 'information_paiement')
    and a.absence_id is null
group by l.entite;

-- nom: doublons
-- Whether a prospect came more than once in the last answer, equal or not.
select exists(select 1 from crm_sync.normalisation as n where n.present and n.recus_clients > 1);

-- nom: absents
-- Written links whose node the last answer does not hold under its own name, one row each, marked ones included, and what
-- that means. `deplace`: it holds the same row, reference or IBAN under another name. `illisible`: something of its prospect
-- could not be read, which proves nothing. `manquant`: it is not there. Reads only.
with presents as (
    select 'client' as entite, substr(n.cle, 4) as source_id
    from crm_sync.normalisation as n
    where n.present and left(n.cle, 3) = 'id:'
    union all
    select 'contrat' as entite, c.source_id
    from crm_sync.contrats as c
    where c.present
    union all
    select 'information_paiement' as entite, i.source_id
    from crm_sync.informations_paiement as i
    where i.present
),

-- One anti-join an entity, of names alone: the links are wide.
noms_absents as materialized (
    select l.entite, l.source_id
    from crm_sync.lien_externe as l
    where
        l.entite = 'client'
        and not exists (select 1 from crm_sync.normalisation as n where n.present and n.cle = 'id:' || l.source_id)
    union all
    select l.entite, l.source_id
    from crm_sync.lien_externe as l
    where
        l.entite = 'contrat'
        and not exists (select 1 from crm_sync.contrats as c where c.present and c.source_id = l.source_id)
    union all
    select l.entite, l.source_id
    from crm_sync.lien_externe as l
    where
        l.entite = 'information_paiement'
        and not exists (select 1 from crm_sync.informations_paiement as i where i.present and i.source_id = l.source_id)
),

absents as materialized (
    select
        l.entite,
        l.source_id,
        l.crm_id,
        l.base ->> 'iban' as iban,
        substr(l.source_id, strpos(l.source_id, '/') + 1) as cle,
        case
            when l.entite = 'client' then l.source_id
            else replace(replace(split_part(l.source_id, '/', 1), '%2F', '/'), '%25', '%')
        end as id_prospect
    from noms_absents as n
    inner join crm_sync.lien as l on l.entite = n.entite and l.source_id = n.source_id
    where l.etat = 'ecrit'
),

-- Materialised: a planner without statistics would join what is absent with all that is present, by entity alone.
voisins as materialized (
    select l.entite, l.source_id, l.crm_id
    from crm_sync.lien as l
    inner join (select distinct entite, crm_id from absents where entite <> 'client') as a
        on a.entite = l.entite and a.crm_id = l.crm_id
    where l.etat = 'ecrit'
),

lignes_tenues as (
    select distinct v.entite, v.crm_id
    from voisins as v
    inner join presents as p on p.entite = v.entite and p.source_id = v.source_id
),

references_tenues as (
    select distinct c.cle_reference
    from crm_sync.contrats as c
    where c.present
),

ibans_tenus as (
    select distinct i.id_prospect, i.iban
    from crm_sync.informations_paiement as i
    where i.present
),

illisibles as (
    select r.id_prospect, bool_or(r.entite = 'contrats') as contrat, bool_or(r.entite <> 'contrats') as paiement
    from (
        select r.id_prospect, r.entite
        from crm_sync.rejet as r
        where r.ferme_le is null and r.entite in ('contrats', 'informations_paiement')
        union all
        select r.id_prospect, e.entite
        from crm_sync.rejet as r
        cross join (values ('contrats'), ('informations_paiement')) as e (entite)
        where r.ferme_le is null and r.entite = 'clients'
    ) as r
    where r.id_prospect is not null
    group by r.id_prospect
)

select
    a.entite,
    a.source_id,
    case
        when a.entite = 'client' then 'manquant'
        when t.crm_id is not null or f.cle_reference is not null or b.iban is not null then 'deplace'
        when q.source_id is null then 'manquant'
        when a.entite = 'contrat' and i.contrat then 'illisible'
        when a.entite = 'information_paiement' and i.paiement then 'illisible'
        else 'manquant'
    end as situation
from absents as a
left join lignes_tenues as t on t.entite = a.entite and t.crm_id = a.crm_id
left join references_tenues as f on f.cle_reference = a.cle and a.entite = 'contrat'
left join ibans_tenus as b on b.id_prospect = a.id_prospect and b.iban = a.iban and a.entite = 'information_paiement'
left join presents as q on q.source_id = a.id_prospect and q.entite = 'client'
left join illisibles as i on i.id_prospect = a.id_prospect;

-- nom: ouvertes
-- Open absences, one row per node.
select a.entite, a.source_id, a.depuis, a.reponses, a.disparu_le
from crm_sync.absence as a
where a.revenu_le is null
order by a.entite, a.source_id;

-- nom: tenues
-- Nodes with an open absence that the last answer holds under their own name.
select a.entite, a.source_id
from crm_sync.absence as a
left join crm_sync.normalisation as n on n.cle = 'id:' || a.source_id and n.present and a.entite = 'client'
left join crm_sync.contrats as c on c.source_id = a.source_id and c.present and a.entite = 'contrat'
left join crm_sync.informations_paiement as i
    on i.source_id = a.source_id and i.present and a.entite = 'information_paiement'
where
    a.revenu_le is null
    and (n.cle is not null or c.source_id is not null or i.source_id is not null);

-- nom: comptees
-- Open absences that this answer counted and did not mark: what it lacked, and what any answer like it lacks.
select a.entite, a.source_id, a.depuis, a.reponses, a.disparu_le
from crm_sync.absence as a
where a.revenu_le is null and a.disparu_le is null and a.derniere_reponse_id = %(reponse_id)s::bigint;

-- nom: compter
-- Writes the open absences of these nodes, one row each: opens, counts on or marks. Writes the same when run again.
insert into crm_sync.absence (entite, source_id, depuis, reponses, disparu_le, derniere_reponse_id)
select n.entite, n.source_id, n.depuis, n.reponses, n.disparu_le, %(reponse_id)s::bigint
from unnest(
    %(entites)s::text[], %(source_ids)s::text[], %(depuis)s::timestamptz[], %(reponses)s::integer[],
    %(disparus)s::timestamptz[]
) as n (entite, source_id, depuis, reponses, disparu_le)
on conflict (entite, source_id) where revenu_le is null do update
set
    reponses = excluded.reponses,
    disparu_le = excluded.disparu_le,
    derniere_reponse_id = excluded.derniere_reponse_id;

-- nom: revenir
-- Ends the open absences of these nodes: the source holds them again; the row stays as history.
update crm_sync.absence as a
set revenu_le = %(recue_le)s::timestamptz
from unnest(%(entites)s::text[], %(source_ids)s::text[]) as n (entite, source_id)
where a.revenu_le is null and a.entite = n.entite and a.source_id = n.source_id;

-- nom: utiliser
-- Spends the open approval on this answer.
update crm_sync.approbation
set reponse_id = %(reponse_id)s::bigint
where reponse_id is null and remplacee_le is null;

-- nom: conclure
-- Says what an answer is worth, once.
update crm_sync.reponse
set
    complete = %(complete)s::boolean,
    retraits_en_attente = %(retenus)s::integer,
    mouvement = %(mouvement)s::bigint
where reponse_id = %(reponse_id)s::bigint and complete is null;

-- nom: remplacer
-- Puts an approval aside that no answer used, for a new one.
update crm_sync.approbation
set remplacee_le = now()
where reponse_id is null and remplacee_le is null;

-- nom: approuver
-- One row per approval: so many removals, for one answer.
insert into crm_sync.approbation (nombre, approuve_par)
values (%(nombre)s::integer, %(par)s::text)
returning approbation_id;
