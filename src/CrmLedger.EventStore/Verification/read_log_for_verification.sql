copy (
  select seq_id - 1, stream_id, version, id, type, timestamp, correlation_id, causation_id, headers, data,
    mt_dotnet_type, is_archived, bdata is not null
  from ledger.mt_events
  where tenant_id = {2} and seq_id between {0} + 1 and {1} + 1
  order by seq_id
) to stdout (format binary)
-- COPY takes no parameters: {0} and {1} are whole numbers, {2} is a tenant's name, checked and quoted. This stands at
-- the end because Npgsql knows a COPY by its first word.
