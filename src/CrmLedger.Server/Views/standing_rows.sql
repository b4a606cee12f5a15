-- What is counted of a view's rows as they stood at a position ($3, null for now), in no order. The left join answers
-- with the view's generation and position also when there are none.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = $2)
select v.generation, v.position, r.stream_id, r.key, r.due, r.member_id, r.team, r.summary
from v left join lateral (
  select r.stream_id, r.key, r.due, r.member_id, r.team, r.summary from ledger.view_rows r
  where r.tenant_id = $1 and r.view = $2 and r.generation = v.generation
    and ($3::bigint is null and r.valid_to is null
      or r.valid_from <= $3::bigint and (r.valid_to is null or r.valid_to > $3::bigint))) r on true
