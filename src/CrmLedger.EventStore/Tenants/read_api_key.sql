select secret_hash, scopes, name from ledger.api_keys where tenant_id = $1 and key_id = $2 and revoked_at is null
