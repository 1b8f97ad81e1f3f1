-- nom: derniere
-- The last accepted answer: one row, none before the first.
select reponse_id, corps_sha256, octets, etag, nb_elements
from crm_sync.reponse
order by reponse_id desc
limit 1;

-- nom: presents
-- The versions of the last answer: all their hashes, 32 bytes each, in one value, with their ids and counts.
select
    string_agg(b.charge_sha256, ''::bytea order by b.version_id) as empreintes,
    array_agg(b.version_id order by b.version_id) as versions,
    array_agg(p.occurrences order by b.version_id) as occurrences
from crm_sync.prospect_presence as p
inner join crm_sync.prospect_brut as b on b.version_id = p.version_id
where p.jusqu_a is null;

-- nom: deja_stockes
-- Which of these hashes are stored from an earlier answer.
select charge_sha256
from crm_sync.prospect_brut
where charge_sha256 = any(%(empreintes)s::bytea[]);

-- nom: nouvelle_reponse
-- One row per accepted answer.
insert into crm_sync.reponse (recue_le, corps_sha256, octets, nb_elements, etag)
values (
    %(recue_le)s::timestamptz, %(corps_sha256)s::bytea, %(octets)s::bigint, %(nb_elements)s::integer, %(etag)s::text
)
returning reponse_id;

-- nom: derniere_version
-- The last version stored so far, none before the first: what comes after it in this transaction is new.
select version_id
from crm_sync.prospect_brut
order by version_id desc
limit 1;

-- nom: nouvelles
-- Presence of the versions stored a moment ago; only those that came more than once are named.
insert into crm_sync.prospect_presence (version_id, depuis, occurrences)
select b.version_id, %(reponse_id)s::bigint, coalesce(e.occurrences, 1)
from crm_sync.prospect_brut as b
left join unnest(%(empreintes)s::bytea[], %(occurrences)s::integer[]) as e (charge_sha256, occurrences)
    on e.charge_sha256 = b.charge_sha256
where b.version_id > coalesce(%(derniere)s::bigint, 0);

-- nom: revenues
-- Presence of versions that are stored and that the answer before did not hold: a new interval each.
insert into crm_sync.prospect_presence (version_id, depuis, occurrences)
select b.version_id, %(reponse_id)s::bigint, e.occurrences
from unnest(%(empreintes)s::bytea[], %(occurrences)s::integer[]) as e (charge_sha256, occurrences)
inner join crm_sync.prospect_brut as b on b.charge_sha256 = e.charge_sha256;

-- nom: disparus
-- Ends the presence of versions that this answer lacks, at the answer before.
update crm_sync.prospect_presence
set jusqu_a = %(precedente)s::bigint
where jusqu_a is null and version_id = any(%(versions)s::bigint[]);

-- nom: occurrences
-- How many times the answer held one and the same element.
update crm_sync.prospect_presence as p
set occurrences = e.occurrences
from unnest(%(versions)s::bigint[], %(occurrences)s::integer[]) as e (version_id, occurrences)
where p.version_id = e.version_id and p.jusqu_a is null;
