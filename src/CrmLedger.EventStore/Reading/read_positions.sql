-- Some of the log's events ($2), in its order.
select id, type, stream_id, version, position, timestamp, leaf_hash, data, headers, correlation_id, causation_id
from ledger.mt_events
where tenant_id = $1 and position = any ($2)
order by position
