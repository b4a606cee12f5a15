-- One stream in its order; every bound may be null. pk_mt_events_stream_and_version serves it.
select id, type, stream_id, version, seq_id - 1, timestamp, ledger.leaf_hash($1, seq_id - 1), data, headers, correlation_id,
  causation_id
from ledger.mt_events
where tenant_id = $1 and stream_id = $2 and version > $3
  and ($4::bigint is null or version <= $4)
  and ($5::bigint is null or seq_id - 1 <= $5)
  and ($6::timestamptz is null or (headers->>'occurredAt')::timestamptz <= $6)
order by version
limit $7
