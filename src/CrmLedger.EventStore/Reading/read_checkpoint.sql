select note from ledger.checkpoints where tenant_id = $1 and origin = $2 and size = $3
