-- The rows of a view ($2) that differ between two positions ($3, $4), after a row in their order ($5, $6), at most $7: as
-- they were, as they became, and every position in between that changed them. A row that came back to what it was is
-- none of them.
with v as (select generation from ledger.views where tenant_id = $1 and view = $2),
rows as (
  select r.* from v join ledger.view_rows r on r.tenant_id = $1 and r.view = $2 and r.generation = v.generation
  where r.valid_from <= $4 and coalesce(r.valid_to > $3, true) and (r.stream_id, r.key) > ($5, $6)),
turns as (
  select stream_id, key, valid_from as position from rows where valid_from > $3
  union
  select stream_id, key, valid_to from rows where valid_to <= $4),
changed as (select stream_id, key, array_agg(position order by position) as positions from turns group by 1, 2)
select c.stream_id, c.key, c.positions, before.row, after.row
from changed c
left join rows before on before.stream_id = c.stream_id and before.key = c.key and before.valid_from <= $3
left join rows after on after.stream_id = c.stream_id and after.key = c.key and coalesce(after.valid_to > $4, true)
where before.row::text is distinct from after.row::text
order by c.stream_id, c.key
limit $7
