-- Each is looked up by its key, also by a plan that was made while the table was small.
select k.key_hash, k.request_hash, k.first_position, k.event_count
from unnest($2::bytea[]) as wanted (key_hash)
cross join lateral (
  select key_hash, request_hash, first_position, event_count
  from ledger.idempotency_keys where tenant_id = $1 and key_hash = wanted.key_hash limit 1) as k
