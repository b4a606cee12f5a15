-- The log in its order. Positions are dense and appear in order: nothing below the highest one seen can still come.
select id, type, stream_id, version, position, timestamp, leaf_hash, data, headers, correlation_id, causation_id
from ledger.mt_events
where tenant_id = $1 and position > $2
order by position
limit $3
