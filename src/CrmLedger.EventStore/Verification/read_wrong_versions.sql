-- Events whose version is not their place among the events of their stream.
select position, stream_id, version, place
from (
  select position, stream_id, version, row_number() over (partition by stream_id order by position) as place
  from ledger.mt_events where tenant_id = $1) e
where version <> place
order by position
limit $2
