select number, wrapped_seed, key_number from ledger.log_keys where tenant_id = $1 and key_number < $2 order by number
