-- The head, and what others appended from a position on: a thousand at the most, and one more to tell that it is more.
select h.size, h.recorded_at, h.root, e.stream_id, e.version, ledger.leaf_hash($1, e.seq_id - 1)
from ledger.heads h
left join lateral (
  select stream_id, version, seq_id from ledger.mt_events
  where tenant_id = $1 and seq_id > $2
  order by seq_id
  limit 1001) e on true
where h.tenant_id = $1
order by e.seq_id
