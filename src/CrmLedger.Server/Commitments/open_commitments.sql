-- A page of what was owed at a position ($2, null for now). ix_view_rows_due serves the present, or, of one team or
-- member, ix_open_commitments_team and ix_open_commitments_member.
-- The left join answers with the view's position also when nothing is owed.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = 'open-commitments')
select v.position, r.stream_id, r.key, r.due, r.row
from v left join lateral (
  select r.stream_id, r.key, r.due, r.row from ledger.view_rows r
  where r.tenant_id = $1 and r.view = 'open-commitments' and r.generation = v.generation
    and ($2::bigint is null and r.valid_to is null
      or r.valid_from <= $2::bigint and (r.valid_to is null or r.valid_to > $2::bigint))
    and ($3::varchar is null or r.stream_id = $3)
    and ($4::uuid is null or r.member_id = $4)
    and ($5::varchar is null or r.team = $5)
    and ($6::timestamptz is null or r.due >= $6)
    and ($7::timestamptz is null or r.due < $7)
    and ($12::varchar is null or starts_with(r.key, $12))
    and ($8::timestamptz is null or (r.due, r.stream_id, r.key) > ($8, $9::varchar, $10::varchar))
  order by r.due, r.stream_id, r.key
  limit $11) r on true
order by r.due, r.stream_id, r.key
