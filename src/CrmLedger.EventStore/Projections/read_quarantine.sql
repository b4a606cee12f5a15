-- Of some of the streams: see StreamPart.
select stream_id, position, reason from ledger.quarantine
where tenant_id = $1 and view = $2 and generation = $3 and (hashtext(stream_id) & 2147483647) % $5 = $4
