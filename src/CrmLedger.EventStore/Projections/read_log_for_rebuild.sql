copy (
  select position, stream_id, version, id, type, timestamp, data, headers
  from ledger.mt_events
  where tenant_id = {1} and position <= {0} and type <> all ({2}::varchar[])
  order by position
) to stdout (format binary)
-- COPY takes no parameters: {0} is a whole number, {1} is a tenant's name, checked and quoted, {2} are names of events
-- from LedgerEvents. This stands at the end because Npgsql knows a COPY by its first word.
