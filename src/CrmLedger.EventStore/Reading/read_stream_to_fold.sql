-- One whole stream in its order, and of its events what a fold may look at. uq_mt_events_stream_version serves it.
select id, type, version, position, timestamp, data, headers
from ledger.mt_events
where tenant_id = $1 and stream_id = $2
order by version
