-- nom: nos_transactions
-- The transactions in which we wrote, as rows bear them (xmin): one row per applied lot. In the service's own database.
select (transaction_id::text::numeric % 4294967296)::text
from crm_sync.lot_applique
where transaction_id is not null;
