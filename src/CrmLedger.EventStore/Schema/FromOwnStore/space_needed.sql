-- Bytes that the copies take at the most: what they are copied from is given back at the end. Those tables are set aside
-- once the move has begun.
select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
from pg_class c
where c.relname in ('mt_events', 'mt_streams') and c.relnamespace = coalesce(
  to_regnamespace('ledger_own_store'), to_regnamespace('ledger'))
