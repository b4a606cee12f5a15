-- Each is looked up by its key, also by a plan that was made while the table was small.
select e.id, e.type, e.stream_id, e.version, e.seq_id - 1, e.timestamp, ledger.leaf_hash($1, e.seq_id - 1),
   e.headers->>'fingerprint'
from unnest($2::uuid[]) as wanted (id)
cross join lateral (
  select id, type, stream_id, version, seq_id, timestamp, headers
  from ledger.mt_events where tenant_id = $1 and id = wanted.id limit 1) as e
