-- What stands where the head says that there is nothing, as of one moment.
select 'event', (e.seq_id - 1)::text
from ledger.mt_events e left join ledger.heads h on h.tenant_id = e.tenant_id
where e.tenant_id = $1 and not coalesce(e.seq_id between 1 and h.size, false)
union all
select 'tile', t.level || '/' || t.index
from ledger.tiles t left join ledger.heads h on h.tenant_id = t.tenant_id
where t.tenant_id = $1
  and not coalesce(t.level between 0 and 7 and t.index between 0 and (h.size >> (8 * (t.level + 1))) - 1, false)
union all
select 'checkpoint of size', c.size::text
from ledger.checkpoints c left join ledger.heads h on h.tenant_id = c.tenant_id
where c.tenant_id = $1 and c.origin = $2 and not coalesce(c.size <= h.size, false)
union all
select 'idempotency key', encode(k.key_hash, 'hex')
from ledger.idempotency_keys k left join ledger.heads h on h.tenant_id = k.tenant_id
where k.tenant_id = $1
  and not coalesce(k.first_position >= 0 and k.event_count > 0 and k.first_position + k.event_count <= h.size, false)
limit $3
