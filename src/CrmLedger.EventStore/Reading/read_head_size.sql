select size, recorded_at from ledger.heads where tenant_id = $1
