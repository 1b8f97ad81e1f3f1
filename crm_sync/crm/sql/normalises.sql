-- nom: a_lire
-- What is to be normalised: one row per prospect of the last answer whose versions, or our rules, are not those that
-- its normalised rows come from, with when the answers began to hold it. A payload without idProspect stands for itself. Who
-- came once, and was normalised from just that, is known to be up to date without looking further.
with actuelles as (
    select
        b.version_id,
        p.occurrences,
        p.depuis,
        coalesce('id:' || b.id_prospect, 'sha:' || encode(b.charge_sha256, 'hex')) as cle
    from crm_sync.prospect_presence as p
    inner join crm_sync.prospect_brut as b on b.version_id = p.version_id
    where p.jusqu_a is null
),

a_comparer as materialized (
    select distinct a.cle
    from actuelles as a
    left join crm_sync.normalisation as n on n.cle = a.cle
    where n.cle is null or n.versions <> a.version_id || 'x' || a.occurrences or n.regles <> %(regles)s::text
),

prospects as (
    select
        a.cle,
        string_agg(a.version_id || 'x' || a.occurrences, ',' order by a.version_id) as versions,
        array_agg(a.version_id order by a.version_id) as version_ids,
        array_agg(a.occurrences order by a.version_id) as occurrences,
        max(r.recue_le) as vu_le
    from actuelles as a
    inner join a_comparer as c on c.cle = a.cle
    inner join crm_sync.reponse as r on r.reponse_id = a.depuis
    group by a.cle
)

select p.cle, p.versions, p.version_ids, p.occurrences, p.vu_le
from prospects as p
left join crm_sync.normalisation as n on n.cle = p.cle
where n.cle is null or n.versions <> p.versions or n.regles <> %(regles)s::text
order by p.cle;

-- nom: absents
-- Prospects that were in the answer before and are not in the last one.
select n.cle
from crm_sync.normalisation as n
where
    n.present
    and not exists (
        select 1
        from crm_sync.prospect_brut as b
        inner join crm_sync.prospect_presence as p on p.version_id = b.version_id
        where
            p.jusqu_a is null
            and n.cle = coalesce('id:' || b.id_prospect, 'sha:' || encode(b.charge_sha256, 'hex'))
    );

-- nom: revenus
-- Prospects marked absent that the last answer holds.
select n.cle
from crm_sync.normalisation as n
where
    not n.present
    and exists (
        select 1
        from crm_sync.prospect_brut as b
        inner join crm_sync.prospect_presence as p on p.version_id = b.version_id
        where
            p.jusqu_a is null
            and n.cle = coalesce('id:' || b.id_prospect, 'sha:' || encode(b.charge_sha256, 'hex'))
    );

-- nom: charges
-- Payloads by version, as received.
select version_id, charge
from crm_sync.prospect_brut
where version_id = any(%(versions)s::bigint[]);

-- nom: presence_normalisation
update crm_sync.normalisation
set present = %(present)s::boolean
where cle = any(%(cles)s::text[]);

-- nom: presence_clients
update crm_sync.clients
set present = %(present)s::boolean
where source_id = any(%(prospects)s::text[]);

-- nom: presence_contrats
update crm_sync.contrats
set present = %(present)s::boolean
where id_prospect = any(%(prospects)s::text[]);

-- nom: presence_informations_paiement
update crm_sync.informations_paiement
set present = %(present)s::boolean
where id_prospect = any(%(prospects)s::text[]);

-- nom: presence_rejet
update crm_sync.rejet
set present = %(present)s::boolean
where ferme_le is null and porteur = any(%(cles)s::text[]);

-- nom: oublier_normalisation
delete from crm_sync.normalisation
where cle = any(%(cles)s::text[]);

-- nom: oublier_clients
delete from crm_sync.clients
where source_id = any(%(prospects)s::text[]);

-- nom: oublier_contrats
delete from crm_sync.contrats
where id_prospect = any(%(prospects)s::text[]);

-- nom: oublier_informations_paiement
delete from crm_sync.informations_paiement
where id_prospect = any(%(prospects)s::text[]);

-- nom: table_copies
create temporary table copies (like crm_sync.commerciaux) on commit drop;

-- nom: garder_copies
-- Sales reps as prospects carry them, each distinct copy once.
insert into crm_sync.commerciaux
select * from copies
on conflict (source_id, empreinte) do nothing;

-- nom: fermer_rejets
-- Closes the rejects of a stage that it no longer puts aside, among those carried by these prospects (null: all).
update crm_sync.rejet as r
set ferme_le = now()
where
    r.ferme_le is null
    and r.etape = %(etape)s::text
    and (%(porteurs)s::text[] is null or r.porteur = any(%(porteurs)s::text[]))
    and not exists (
        select 1
        from unnest(%(cle)s::text[], %(motif)s::text[]) as m (cle, motif)
        where m.cle = r.cle and m.motif = r.motif
    );

-- nom: ouvrir_rejets
-- Opens what is newly put aside; what was open keeps its date.
insert into crm_sync.rejet (
    etape, cle, porteur, entite, id_prospect, chemin, motif, raison, que_faire, noeuds
)
select distinct on (cle)
    %(etape)s::text,
    cle,
    porteur,
    entite,
    id_prospect,
    chemin,
    motif,
    raison,
    que_faire,
    sum(noeuds) over (partition by cle)
from
    unnest(
        %(cle)s::text[], %(porteur)s::text[], %(entite)s::text[], %(id_prospect)s::text[], %(chemin)s::text[],
        %(motif)s::text[], %(raison)s::text[], %(que_faire)s::text[], %(noeuds)s::integer[]
    ) as m (cle, porteur, entite, id_prospect, chemin, motif, raison, que_faire, noeuds)
order by cle, motif, chemin
on conflict (etape, cle) where ferme_le is null do update
set chemin = excluded.chemin, noeuds = excluded.noeuds, present = true
where (crm_sync.rejet.chemin, crm_sync.rejet.noeuds, crm_sync.rejet.present)
    is distinct from (excluded.chemin, excluded.noeuds, true);

-- nom: statuts_inconnus
-- The source's status words that our vocabulary has no meaning for.
select distinct statut_source
from crm_sync.contrats
where statut = 'autre' and statut_source is not null;
