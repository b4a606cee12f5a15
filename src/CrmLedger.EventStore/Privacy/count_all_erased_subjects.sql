-- Of every tenant: each has a head.
select h.tenant_id, (select count(*) from ledger.erased_subjects e where e.tenant_id = h.tenant_id)
from ledger.heads h order by h.tenant_id
