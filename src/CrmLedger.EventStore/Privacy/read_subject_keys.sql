select subject_id, wrapped_key from ledger.subject_keys where tenant_id = $1 and subject_id = any($2)
