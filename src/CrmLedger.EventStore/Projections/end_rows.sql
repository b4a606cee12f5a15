-- Found by the primary key, as in load_rows.sql, and then by place.
update ledger.view_rows r set valid_to = e.valid_to
from (
  select t.place, e.valid_to
  from unnest($4::varchar[], $5::varchar[], $6::bigint[], $7::bigint[]) as e (stream_id, key, valid_from, valid_to)
  cross join lateral (
    select r.ctid as place from ledger.view_rows r
    where r.tenant_id = $1 and r.view = $2 and r.generation = $3 and r.stream_id = e.stream_id and r.key = e.key
      and r.valid_from = e.valid_from
    offset 0) t
  offset 0) e
where r.ctid = e.place
