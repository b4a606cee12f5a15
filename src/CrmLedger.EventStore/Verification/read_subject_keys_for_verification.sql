select subject_id, wrapped_key, key_number from ledger.subject_keys where tenant_id = $1
