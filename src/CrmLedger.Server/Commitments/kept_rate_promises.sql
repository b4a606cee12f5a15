-- Promises first due in [$3, $4) as they stood at a position ($2, null for now), whatever became of them; of one group
-- ($5 says of what $6 is the key) and after a row ($7 to $9), where those are given. ix_view_rows_due serves the present.
-- The left join answers with the view's position also when there are none.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = 'kept-rate')
select v.position, r.row, r.stream_id, r.key
from v left join lateral (
  select r.row, r.due, r.stream_id, r.key from ledger.view_rows r
  where r.tenant_id = $1 and r.view = 'kept-rate' and r.generation = v.generation
    and ($2::bigint is null and r.valid_to is null
      or r.valid_from <= $2::bigint and (r.valid_to is null or r.valid_to > $2::bigint))
    and ($3::timestamptz is null or r.due >= $3)
    and ($4::timestamptz is null or r.due < $4)
    and ($6::varchar is null or $6 = case $5::varchar
      when 'maker' then r.row #>> '{promise,makerId}'
      when 'holder' then r.row #>> '{promise,holderId}'
      when 'team' then r.row #>> '{promise,makerTeam}'
      when 'kind' then r.row #>> '{promise,kind}'
      when 'channel' then coalesce(r.row #>> '{promise,channel}', 'unknown')
      when 'customer' then r.row ->> 'customerId'
      when 'day' then to_char(r.due at time zone 'UTC', 'YYYY-MM-DD')
      when 'week' then to_char(r.due at time zone 'UTC', 'IYYY-"W"IW')
      when 'month' then to_char(r.due at time zone 'UTC', 'YYYY-MM') end)
    and ($7::timestamptz is null or (r.due, r.stream_id, r.key) > ($7, $8::varchar, $9::varchar))
  order by r.due, r.stream_id, r.key
  limit $10::bigint) r on true
order by r.due, r.stream_id, r.key
