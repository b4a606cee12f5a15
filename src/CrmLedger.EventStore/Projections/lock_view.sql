select generation, position from ledger.views where tenant_id = $1 and view = $2 for update
