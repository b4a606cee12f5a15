-- The head, and what others appended from a position on: a thousand at the most, and one more to tell that it is more.
select h.size, h.recorded_at, h.root, e.stream_id, e.version, e.leaf_hash
from ledger.heads h
left join lateral (
  select stream_id, version, leaf_hash, position from ledger.mt_events
  where tenant_id = $1 and position >= $2
  order by position
  limit 1001) e on true
where h.tenant_id = $1
order by e.position
