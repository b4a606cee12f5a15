-- Streams that do not agree with their events, as of one moment.
select coalesce(s.id, e.stream_id), s.id is not null, e.stream_id is not null, s.version, e.version, s.is_archived,
  s.timestamp is distinct from e.touched, s.created is distinct from e.created, s.type is not null
from (select * from ledger.mt_streams where tenant_id = $1) s
full join (
  select stream_id, count(*) as version, min(timestamp) as created, max(timestamp) as touched
  from ledger.mt_events where tenant_id = $1 group by stream_id) e on e.stream_id = s.id
where s.id is null or e.stream_id is null or s.version <> e.version or s.is_archived or s.type is not null
  or s.timestamp is distinct from e.touched or s.created is distinct from e.created
order by 1
limit $2
