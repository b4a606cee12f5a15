-- Begins a large append, whose p_count events come by COPY into mt_events in the rest of the transaction.
create or replace function ledger.append_by_copy(p_tenant varchar, p_size bigint, p_count bigint,
  p_recorded_at timestamptz, p_root bytea, p_streams varchar[], p_versions bigint[], p_levels smallint[],
  p_indexes bigint[], p_hashes bytea[])
returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  perform set_config('ledger.appending', 'yes', true);
  perform grow(p_tenant, p_size, p_size + p_count, p_recorded_at, p_root, p_streams, p_versions, p_levels, p_indexes,
    p_hashes);
  return p_size + p_count;
end $$;
