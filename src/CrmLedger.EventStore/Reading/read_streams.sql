-- Whole streams, each in its order.
select id, type, stream_id, version, position, timestamp, leaf_hash, data, headers, correlation_id, causation_id
from ledger.mt_events
where tenant_id = $1 and stream_id = any($2) and position <= $3
order by stream_id, version
