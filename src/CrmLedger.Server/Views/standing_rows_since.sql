-- The same of the streams in which anything that the view takes ($4 is what it does not) was recorded after a position
-- ($3) and is reflected: whole streams, and of one that has no row left a line without a key. Nothing when more than $5
-- events are reflected since.
with v as (select generation, position from ledger.views where tenant_id = $1 and view = $2),
touched as (
  select distinct e.stream_id from v
  join ledger.mt_events e on e.tenant_id = $1 and e.position > $3 and e.position <= v.position and v.position - $3 <= $5
  where e.type <> all ($4::varchar[]))
select v.generation, v.position, t.stream_id, r.key is not null, r.due, r.member_id, r.team, r.summary
from v left join touched t on true
left join ledger.view_rows r on r.tenant_id = $1 and r.view = $2 and r.generation = v.generation
  and r.stream_id = t.stream_id and r.valid_to is null
