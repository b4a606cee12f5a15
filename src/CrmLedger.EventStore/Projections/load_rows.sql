-- The standing rows that a batch may change: those it names by key, and all of the streams in which it annuls; some
-- come twice, by either.
select r.stream_id, r.key, r.valid_from, r.row
from unnest($4::varchar[], $5::varchar[]) as wanted (stream_id, key)
join ledger.view_rows r on r.tenant_id = $1 and r.view = $2 and r.generation = $3 and r.valid_to is null
  and r.stream_id = wanted.stream_id and r.key = wanted.key
union all
select r.stream_id, r.key, r.valid_from, r.row
from ledger.view_rows r
where r.tenant_id = $1 and r.view = $2 and r.generation = $3 and r.valid_to is null and r.stream_id = any($6)
