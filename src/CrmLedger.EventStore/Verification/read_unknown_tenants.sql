-- Tenants that have rows and are none.
select tenant_id, what
from (
  select distinct tenant_id, 'events' as what from ledger.mt_events
  union all select distinct tenant_id, 'streams' from ledger.mt_streams
  union all select distinct tenant_id, 'tiles' from ledger.tiles
  union all select distinct tenant_id, 'tiles' from ledger.tile_edges
  union all select distinct tenant_id, 'checkpoints' from ledger.checkpoints
  union all select distinct tenant_id, 'rows of views' from ledger.view_rows) r
where tenant_id not in (select ledger.tenant_ids())
order by 1, 2
