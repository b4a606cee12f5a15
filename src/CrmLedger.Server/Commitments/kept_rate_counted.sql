-- Promises first due in [$3, $4) as they stood at a position ($2, null for now), whatever became of them, in no order.
-- The left join answers with the view's position also when there are none.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = 'kept-rate')
select v.position, r.row
from v left join lateral (
  select r.row from ledger.view_rows r
  where r.tenant_id = $1 and r.view = 'kept-rate' and r.generation = v.generation
    and ($2::bigint is null and r.valid_to is null
      or r.valid_from <= $2::bigint and (r.valid_to is null or r.valid_to > $2::bigint))
    and ($3::timestamptz is null or r.due >= $3)
    and ($4::timestamptz is null or r.due < $4)) r on true
