-- Bytes that the copies take at the most: what they are copied from is given back at the end.
select pg_total_relation_size('ledger_own_store.mt_events') + pg_total_relation_size('ledger_own_store.mt_streams')
