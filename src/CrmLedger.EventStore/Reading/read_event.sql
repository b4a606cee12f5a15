select id, type, stream_id, version, position, timestamp, leaf_hash, data, headers, correlation_id, causation_id
from ledger.mt_events
where tenant_id = $1 and id = $2
