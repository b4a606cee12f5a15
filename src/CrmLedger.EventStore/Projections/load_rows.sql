-- The standing rows that a batch may change: those it names by key, and all of the streams in which it annuls; some
-- come twice, by either. Each is looked up by the primary key, and "offset 0" keeps the planner from anything else: a
-- plan made while the table was empty would read all rows of the view for every batch. For the same reason the condition
-- is none of which it could tell that an index of standing rows, ordered by dates, would do.
select r.stream_id, r.key, r.valid_from, r.row
from unnest($4::varchar[], $5::varchar[]) as wanted (stream_id, key)
cross join lateral (
  select * from ledger.view_rows r
  where r.tenant_id = $1 and r.view = $2 and r.generation = $3 and r.stream_id = wanted.stream_id
    and r.key = wanted.key and not coalesce(r.valid_to >= 0, false)
  offset 0) r
union all
select r.stream_id, r.key, r.valid_from, r.row
from unnest($6::varchar[]) as wanted (stream_id)
cross join lateral (
  select * from ledger.view_rows r
  where r.tenant_id = $1 and r.view = $2 and r.generation = $3 and r.stream_id = wanted.stream_id
    and not coalesce(r.valid_to >= 0, false)
  offset 0) r
