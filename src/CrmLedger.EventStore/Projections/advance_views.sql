update ledger.views set position = $3 where tenant_id = $1 and view = any ($2)
