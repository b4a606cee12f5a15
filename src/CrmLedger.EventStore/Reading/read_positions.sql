-- Some of the log's events, by their positions plus one ($2), in its order.
select id, type, stream_id, version, seq_id - 1, timestamp, ledger.leaf_hash($1, seq_id - 1), data, headers, correlation_id,
  causation_id
from ledger.mt_events
where tenant_id = $1 and seq_id = any ($2)
order by seq_id
