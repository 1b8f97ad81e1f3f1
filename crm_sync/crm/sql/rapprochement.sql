-- nom: a_regarder_client
-- Prospects that wait, that are older than what was applied, or that are put aside undecided, with the motif (`ecarte`): those
-- whose client was undone are not made anew until the source changes. One row per prospect, with its link and base.
select n.*
from (
    select
        r.*,
        case when r.present and not r.attend and r.etat = 'retire' then 'creation_annulee' end as ecarte
    from crm_sync.rapprochement_client as r
) as n
where n.attend or n.ancienne or n.ecarte is not null;

-- nom: a_regarder_apporteur
-- The same of sales reps; nothing leads to one without a usable e-mail and without a link from before.
select n.*
from (
    select
        r.*,
        case
            when r.attend or coalesce(r.noeuds, 0) = 0 then null
            when r.etat is null and r.cle_email is null then 'commercial_sans_email'
            when r.etat = 'retire' then 'creation_annulee'
        end as ecarte
    from crm_sync.rapprochement_apporteur as r
) as n
where n.attend or n.ancienne or n.ecarte is not null;

-- nom: a_regarder_rattaches
-- The same of contracts or bank details: what hangs on a prospect that has no client waits with it. Who may be put aside is told
-- by what is cheap to tell: asking for the motif itself would work out a second time, of each row, whether it waits.
select n.*
from (
    select
        r.*,
        case
            when r.attend or r.present is not true then null
            when r.client_id is null and r.etat = 'retire' then 'client_ecarte'
            when r.etat = 'retire' then 'creation_annulee'
            when
                r.client_id is null
                and not r.ancienne
                and not coalesce(r.etat = 'ecrit' and r.lien_empreinte = r.empreinte, false)
                then 'client_ecarte'
        end as ecarte
    from {vue} as r
) as n
where n.attend or n.ancienne or (n.present and (n.client_id is null or n.etat = 'retire'));

-- nom: autres_noeuds
-- The source nodes of CRM rows that are looked at, beside those that are decided: one row each, mostly none.
select l.source_id
from crm_sync.lien_externe as l
where
    l.entite = %(entite)s::text
    and l.crm_id = any(%(crm_ids)s::text[])
    and l.source_id <> all(%(decides)s::text[])
    and l.retire_le is null;

-- nom: freres
-- Those of these source nodes that do not wait: what they say now, and what was last applied of them.
select r.*
from {vue} as r
where r.source_id = any(%(source_ids)s::text[]) and not r.attend;
