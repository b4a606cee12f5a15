-- Events whose version is not their place among the events of their stream.
select seq_id - 1, stream_id, version, place
from (
  select seq_id, stream_id, version, row_number() over (partition by stream_id order by seq_id) as place
  from ledger.mt_events where tenant_id = $1) e
where version <> place
order by seq_id
limit $2
