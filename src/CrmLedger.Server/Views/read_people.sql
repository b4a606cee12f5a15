-- Customers and members ($2) as they were known at a position ($3). Each is looked up by the primary key, whatever a
-- plan made while the table was empty would take for as good.
select r.stream_id, r.row
from ledger.views v
cross join unnest($2::varchar[]) as wanted (stream_id)
cross join lateral (
  select r.stream_id, r.row from ledger.view_rows r
  where r.tenant_id = $1 and r.view = 'directory' and r.generation = v.generation and r.stream_id = wanted.stream_id
    and r.key = '' and r.valid_from <= $3 and coalesce(r.valid_to > $3, true)
  offset 0) r
where v.tenant_id = $1 and v.view = 'directory'
