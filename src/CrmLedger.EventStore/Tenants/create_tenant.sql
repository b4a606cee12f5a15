-- The tenant, its key and its empty log, once; another server may have been quicker.
with made as (
  insert into ledger.tenants (tenant_id) values ($1) on conflict do nothing returning tenant_id),
keys as (
  insert into ledger.tenant_keys (tenant_id, number, wrapped_key, wrapped_index_key, master_number)
  select tenant_id, 1, $2, $3, $5 from made)
insert into ledger.heads (tenant_id, size, recorded_at, root) select tenant_id, 0, 'epoch', $4 from made
