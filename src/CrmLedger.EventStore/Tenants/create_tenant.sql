-- The tenant and its empty log, once; another server may have been quicker.
with made as (
  insert into ledger.tenants (tenant_id, wrapped_key, wrapped_index_key) values ($1, $2, $3)
  on conflict do nothing returning tenant_id)
insert into ledger.heads (tenant_id, size, recorded_at, root) select tenant_id, 0, 'epoch', $4 from made
