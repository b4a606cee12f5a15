-- The log in its order. Positions are dense and appear in order: nothing below the highest one seen can still come.
select id, type, stream_id, version, seq_id - 1, timestamp, ledger.leaf_hash($1, seq_id - 1), data, headers, correlation_id,
  causation_id
from ledger.mt_events
where tenant_id = $1 and seq_id > $2 + 1
order by seq_id
limit $3
