-- pk_mt_events_stream_and_version serves it: the few of many events of one stream.
select id, type, stream_id, version, seq_id - 1, timestamp, ledger.leaf_hash($1, seq_id - 1), data, headers, correlation_id,
  causation_id
from ledger.mt_events
where tenant_id = $1 and stream_id = $2 and version <= $3 and seq_id - 1 <= $4 and type = $5
order by version
