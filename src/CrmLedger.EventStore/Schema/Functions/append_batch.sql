-- Appends a batch of events to a tenant's log, one after the other from the position p_size on: all of it or nothing.
-- The position of an event is its seq_id less one; Marten's own append would burn numbers when it fails, and a leaf of
-- the tree may not be missing.
create or replace function ledger.append_batch(p_tenant varchar, p_size bigint, p_recorded_at timestamptz, p_root bytea,
  p_ids uuid[], p_event_streams varchar[], p_event_versions bigint[], p_data jsonb[], p_types varchar[],
  p_clr_types varchar[], p_correlations varchar[], p_causations varchar[], p_headers jsonb[], p_streams varchar[],
  p_versions bigint[], p_levels smallint[], p_indexes bigint[], p_hashes bytea[])
returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  perform set_config('ledger.appending', 'yes', true);
  perform grow(p_tenant, p_size, p_size + cardinality(p_ids), p_recorded_at, p_root, p_streams, p_versions, p_levels,
    p_indexes, p_hashes);
  insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type,
    correlation_id, causation_id, headers, is_archived)
  select p_size + e.ordinal, e.id, e.stream_id, e.version, e.data, e.type, p_recorded_at, p_tenant, e.clr_type,
    e.correlation, e.causation, e.headers, false
  from unnest(p_ids, p_event_streams, p_event_versions, p_data, p_types, p_clr_types, p_correlations, p_causations,
      p_headers)
    with ordinality as e (id, stream_id, version, data, type, clr_type, correlation, causation, headers, ordinal);
  perform set_config('ledger.appending', '', true);
  return p_size + cardinality(p_ids);
end $$;
