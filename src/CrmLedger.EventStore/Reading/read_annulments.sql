-- uq_mt_events_stream_version serves it: the few of many events of one stream.
select id, type, stream_id, version, position, timestamp, leaf_hash, data, headers, correlation_id, causation_id
from ledger.mt_events
where tenant_id = $1 and stream_id = $2 and version <= $3 and position <= $4 and type = $5
order by version
