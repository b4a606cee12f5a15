select generation, position, projection_version from ledger.views where tenant_id = $1 and view = $2
