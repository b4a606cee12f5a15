delete from ledger.quarantine where tenant_id = $1 and view = $2 and generation < $3
