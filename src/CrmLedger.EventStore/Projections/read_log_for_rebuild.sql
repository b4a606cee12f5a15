copy (
  select position, stream_id, version, id, type, timestamp, data, headers
  from ledger.mt_events where tenant_id = {2} and position > {0} and position <= {1} order by position
) to stdout (format binary)
-- COPY takes no parameters: {0} and {1} are whole numbers, {2} is a tenant's name, checked and quoted.
-- This stands at the end because Npgsql knows a COPY by its first word.
