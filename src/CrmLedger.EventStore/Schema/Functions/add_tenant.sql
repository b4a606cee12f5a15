-- Makes a tenant once: its row and empty log, its first key, and its part of Marten's tables. Answers whether it did.
create or replace function ledger.add_tenant(p_tenant varchar, p_root bytea, p_wrapped_key bytea,
  p_wrapped_index_key bytea, p_master_number integer)
returns boolean language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  insert into tenants (tenant_id) values (p_tenant) on conflict do nothing;
  if not found then
    return false;
  end if;
  insert into tenant_keys (tenant_id, number, wrapped_key, wrapped_index_key, master_number)
  values (p_tenant, 1, p_wrapped_key, p_wrapped_index_key, p_master_number);
  insert into heads (tenant_id, size, recorded_at, root) values (p_tenant, 0, 'epoch', p_root);
  perform add_partitions(p_tenant);
  return true;
end $$;
