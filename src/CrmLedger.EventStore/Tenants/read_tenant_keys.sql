select number, wrapped_key, wrapped_index_key, master_number from ledger.tenant_keys
where tenant_id = $1 order by number
