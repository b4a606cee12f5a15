-- One question for all tenants: where each log ends, and whether that is signed under its last origin. What is behind an
-- unsigned end is read tenant by tenant.
select h.tenant_id, concat_ws(' ', h.size, encode(h.root, 'hex'), k.origin), exists (
  select from ledger.checkpoints c
  where c.tenant_id = h.tenant_id and c.origin = k.origin and c.size = h.size and c.root = h.root)
from ledger.heads h
left join lateral (
  select origin from ledger.log_keys l where l.tenant_id = h.tenant_id order by number desc limit 1) k on true
order by h.tenant_id
