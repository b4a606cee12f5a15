-- The tenants whose events still stand in the old schema, and how many they have.
select h.tenant_id, h.size
from ledger.heads h
where not exists (select from ledger.mt_tenant_partitions p where p.partition_value = h.tenant_id)
order by h.tenant_id
