-- People whose streams lie between two ($2 and $3) as they were known at a position ($4, null for now). The left join
-- answers with the view's position also when there are none.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = 'directory')
select v.position, r.stream_id, r.row
from v left join lateral (
  select r.stream_id, r.row from ledger.view_rows r
  where r.tenant_id = $1 and r.view = 'directory' and r.generation = v.generation
    and r.stream_id between $2 and $3
    and ($4::bigint is null and r.valid_to is null
      or r.valid_from <= $4::bigint and (r.valid_to is null or r.valid_to > $4::bigint))) r on true
