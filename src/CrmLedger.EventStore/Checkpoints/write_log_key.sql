-- Of several servers that make the same key at once, one does.
insert into ledger.log_keys (tenant_id, number, origin, public_key, wrapped_seed, reason, supersedes, key_number)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
