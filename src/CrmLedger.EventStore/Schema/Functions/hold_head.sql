drop function if exists ledger.hold_head(varchar);
-- The lock is held to the end of the transaction: nobody swaps the head meanwhile. Answers the log's end, and which
-- streams others have appended to from a position on; null where that is unknown (p_known is null) or many.
create or replace function ledger.hold_head(p_tenant varchar, p_known bigint)
returns table (size bigint, recorded_at timestamptz, root bytea, levels smallint[], indexes bigint[], hashes bytea[],
  streams varchar[], versions bigint[])
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  perform set_config('ledger.tenant', p_tenant, true);
  select h.size, h.recorded_at, h.root into size, recorded_at, root
  from heads h where h.tenant_id = p_tenant for update;
  select array_agg(e.level), array_agg(e.index), array_agg(e.hashes) into levels, indexes, hashes
  from tile_edges e where e.tenant_id = p_tenant;
  if size - p_known <= 1000 then
    -- Both bounds, and the order: a plan made while the table was small would else read all of the tenant's events.
    select coalesce(array_agg(e.stream_id), '{}'), coalesce(array_agg(e.version), '{}') into streams, versions
    from (
      select o.stream_id, o.version from mt_events o
      where o.tenant_id = p_tenant and o.seq_id > p_known and o.seq_id <= size
      order by o.seq_id limit 1000) e;
  end if;
  if size is not null then
    return next;
  end if;
end $$;
