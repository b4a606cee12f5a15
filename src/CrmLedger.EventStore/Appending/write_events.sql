-- unnest keeps the arrays' order, so that seq_id rises with position.
insert into ledger.mt_events (id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id,
  causation_id, headers, position, leaf_hash)
select e.id, e.stream_id, e.version, e.data, e.type, $2, $1, e.clr, e.correlation, e.causation, e.headers,
  $3 + e.ordinal - 1, e.leaf_hash
from unnest($4::uuid[], $5::varchar[], $6::bigint[], $7::jsonb[], $8::varchar[], $9::varchar[], $10::varchar[],
  $11::varchar[], $12::jsonb[], $13::bytea[])
  with ordinality as e (id, stream_id, version, data, type, clr, correlation, causation, headers, leaf_hash, ordinal)
