-- The views with rows of older generations: a rebuild that was killed after its swap left them.
select v.tenant_id, v.view, v.generation
from ledger.views v
cross join lateral (
  select from ledger.view_rows r
  where r.tenant_id = v.tenant_id and r.view = v.view and r.generation < v.generation limit 1) as leftover
