-- Streams of customers who were ever merged into one of these ($2); ix_mt_events_merged_into serves it. Whether a merge
-- still holds, the stream tells.
select distinct stream_id from ledger.mt_events
where tenant_id = $1 and type = 'customer_merged_into' and data->>'customerId' = any ($2)
