-- The same of some rows, by stream and key ($4 and $5), and of whole streams ($6). Each is looked up by the primary key,
-- whatever a plan made while the table was empty would take for as good.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = $2)
select v.generation, v.position, r.stream_id, r.key, r.due, r.member_id, r.team, r.summary
from v left join lateral (
  select r.* from unnest($4::varchar[], $5::varchar[]) as wanted (stream_id, key)
  cross join lateral (
    select * from ledger.view_rows r
    where r.tenant_id = $1 and r.view = $2 and r.generation = v.generation and r.stream_id = wanted.stream_id
      and r.key = wanted.key and r.valid_from <= $3 and coalesce(r.valid_to > $3, true)
    offset 0) r
  union all
  select r.* from unnest($6::varchar[]) as wanted (stream_id)
  cross join lateral (
    select * from ledger.view_rows r
    where r.tenant_id = $1 and r.view = $2 and r.generation = v.generation and r.stream_id = wanted.stream_id
      and r.valid_from <= $3 and coalesce(r.valid_to > $3, true)
    offset 0) r) r on true
