-- What was recorded after a position ($3), is reflected by the view, and may have changed a row of it ($4 is what it does
-- not take). Nothing when more than $5 events are reflected since. The left join answers with the view's generation and
-- position also when there is nothing.
select v.generation, v.position, e.stream_id, e.type, e.data
from ledger.views v
left join ledger.mt_events e on e.tenant_id = $1 and e.seq_id > $3 + 1 and e.seq_id <= v.position + 1
  and v.position - $3 <= $5 and e.type <> all ($4::varchar[])
where v.tenant_id = $1 and v.view = $2
