insert into ledger.idempotency_keys (tenant_id, key_hash, request_hash, first_position, event_count)
select $1, k.key_hash, k.request_hash, k.first_position, k.event_count
from unnest($2::bytea[], $3::bytea[], $4::bigint[], $5::integer[])
  as k (key_hash, request_hash, first_position, event_count)
