update ledger.views set generation = $3, position = $4, projection_version = $5, rebuilt_at = now()
where tenant_id = $1 and view = $2
