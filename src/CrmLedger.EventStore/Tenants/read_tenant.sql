select wrapped_key, wrapped_index_key from ledger.tenants where tenant_id = $1
