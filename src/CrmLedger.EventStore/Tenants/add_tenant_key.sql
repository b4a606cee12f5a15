-- Of several who replace a tenant's key at once, one adds the new one, and all go on with that.
insert into ledger.tenant_keys (tenant_id, number, wrapped_key, wrapped_index_key, master_number)
values ($1, $2, $3, $4, $5)
on conflict do nothing
