copy (
  select seq_id - 1, stream_id, version, id, type, timestamp, data, headers
  from ledger.mt_events
  where tenant_id = {2} and seq_id between {0} + 1 and {1} + 1 and type <> all ({3}::varchar[])
    and ({5} = 1 or (hashtext(stream_id) & 2147483647) % {5} = {4})
  order by seq_id
) to stdout (format binary)
-- COPY takes no parameters: {0}, {1}, {4} and {5} are whole numbers, {2} is a tenant's name, checked and quoted, {3}
-- are names of events from LedgerEvents. This stands at the end because Npgsql knows a COPY by its first word.
