select key_id, name, scopes, created_at, revoked_at from ledger.api_keys
where tenant_id = $1 order by created_at, key_id
