-- nom: vente
-- One contract: who holds it, whether it is signed, and who it is noted as sold by (null where nobody noted that).
select
    c.commercial_id::text as tenant,
    c.date_signature is not null or c.statut = any(%(vendus)s::text[]) as signe,
    v.commercial_id as vendeur,
    v.vu_signe_le
from {contrat} as c
left join crm_sync.contrat_vente as v on v.contrat_id = c.id::text
where c.id::text = %(contrat_id)s::text;

-- nom: poser
-- Who sold a contract, as a person says: one row per contract; when it was first seen signed stays.
insert into crm_sync.contrat_vente as v (contrat_id, commercial_id, vu_signe_le)
values (%(contrat_id)s::text, %(commercial_id)s::text, now())
on conflict (contrat_id) do update
set commercial_id = excluded.commercial_id;

-- nom: noter
-- The change in the history; not twice where a crash came between it and the sale.
insert into crm_sync.contrat_commercial_historique (
    contrat_id, ancien_commercial_id, commercial_id, synchronisation_id, lecture
)
select %(contrat_id)s::text, %(ancien)s::text, %(commercial_id)s::text, %(moi)s::text, 'vendu_par'
where
    %(commercial_id)s::text is distinct from (
        select h.commercial_id
        from crm_sync.contrat_commercial_historique as h
        where h.contrat_id = %(contrat_id)s::text and h.lecture = 'vendu_par'
        order by h.historique_id desc
        limit 1
    );
