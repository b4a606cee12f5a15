-- One whole stream in its order, and of its events what a fold may look at. pk_mt_events_stream_and_version serves it.
select id, type, version, seq_id - 1, timestamp, data, headers
from ledger.mt_events
where tenant_id = $1 and stream_id = $2
order by version
