-- nom: mouvements
-- What the last answer moves: one row per prospect that it lacks or holds again, and per prospect whose versions, or our rules,
-- are not those that its normalised rows come from: these have what is to be read, with when the answers began to hold it.
-- `present` is how it is marked, null for who was never normalised. A payload without idProspect stands for itself. Who came
-- once, and was normalised from just that, is known to be up to date without looking further.
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

ecarts as materialized (
    select distinct a.cle, n.cle as connue, n.present, n.versions, n.regles
    from actuelles as a
    full join crm_sync.normalisation as n on n.cle = a.cle
    where
        (a.cle is null and n.present)
        or n.cle is null
        or (
            a.cle is not null
            and (not n.present or n.versions <> a.version_id || 'x' || a.occurrences or n.regles <> %(regles)s::text)
        )
),

lus as (
    select
        a.cle,
        string_agg(a.version_id || 'x' || a.occurrences, ',' order by a.version_id) as versions,
        array_agg(a.version_id order by a.version_id) as version_ids,
        array_agg(a.occurrences order by a.version_id) as occurrences,
        max(r.recue_le) as vu_le
    from actuelles as a
    inner join crm_sync.reponse as r on r.reponse_id = a.depuis
    where a.cle in (select e.cle from ecarts as e)
    group by a.cle
)

select
    coalesce(e.cle, e.connue) as cle, e.cle is not null as tenu, e.present, l.versions, l.version_ids, l.occurrences, l.vu_le
from ecarts as e
left join lus as l
    on l.cle = e.cle and (e.connue is null or e.versions <> l.versions or e.regles <> %(regles)s::text)
order by 1;

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
