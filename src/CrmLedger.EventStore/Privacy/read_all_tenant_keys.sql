select tenant_id, number, wrapped_key from ledger.tenant_keys order by tenant_id, number
