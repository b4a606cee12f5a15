insert into ledger.subject_keys (tenant_id, subject_id, wrapped_key, key_number)
select $1, k.subject_id, k.wrapped_key, k.key_number
from unnest($2::uuid[], $3::bytea[], $4::integer[]) as k (subject_id, wrapped_key, key_number)
