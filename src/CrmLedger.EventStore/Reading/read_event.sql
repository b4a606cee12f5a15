select id, type, stream_id, version, seq_id - 1, timestamp, ledger.leaf_hash($1, seq_id - 1), data, headers, correlation_id,
  causation_id
from ledger.mt_events
where tenant_id = $1 and id = $2
