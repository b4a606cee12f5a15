-- What every append does beside writing events: swaps the head, which takes its lock to the end of the transaction,
-- raises the streams' versions, grows the tree's tiles, and tells who listens. For the owner's other functions alone.
create or replace function ledger.grow(p_tenant varchar, p_size bigint, p_new_size bigint, p_recorded_at timestamptz,
  p_root bytea, p_streams varchar[], p_versions bigint[], p_levels smallint[], p_indexes bigint[], p_hashes bytea[])
returns void language plpgsql as $$
begin
  -- What follows in the transaction sees this tenant's rows, and no other's.
  perform set_config('ledger.tenant', p_tenant, true);
  update ledger.heads set size = p_new_size, recorded_at = p_recorded_at, root = p_root
   where tenant_id = p_tenant and size = p_size;
  if not found then
    raise exception 'the head of % is not at %', p_tenant, p_size using errcode = 'CL001';
  end if;
  -- The head's lock is held: the versions cannot have moved since they were compared.
  insert into ledger.mt_streams (tenant_id, id, version, timestamp, created)
  select p_tenant, s.id, s.version, p_recorded_at, p_recorded_at from unnest(p_streams, p_versions) as s (id, version)
  on conflict (tenant_id, id) do update set version = excluded.version, timestamp = excluded.timestamp;
  insert into ledger.tiles (tenant_id, level, index, hashes)
  select p_tenant, t.level, t.index, t.hashes from unnest(p_levels, p_indexes, p_hashes) as t (level, index, hashes)
  where octet_length(t.hashes) = 8192;
  insert into ledger.tile_edges (tenant_id, level, index, hashes)
  select p_tenant, t.level, t.index, t.hashes from unnest(p_levels, p_indexes, p_hashes) as t (level, index, hashes)
  where octet_length(t.hashes) < 8192
  on conflict (tenant_id, level) do update set index = excluded.index, hashes = excluded.hashes;
  perform pg_notify('ledger_appended', p_tenant || ' ' || p_new_size);
end $$;
