-- What of a log's keys nothing protects.
select number, public_key from ledger.log_keys where tenant_id = $1 order by number
