insert into ledger.subject_keys (tenant_id, subject_id, wrapped_key)
select $1, k.subject_id, k.wrapped_key from unnest($2::uuid[], $3::bytea[]) as k (subject_id, wrapped_key)
