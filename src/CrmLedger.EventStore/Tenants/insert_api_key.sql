insert into ledger.api_keys (tenant_id, key_id, name, secret_hash, scopes) values ($1, $2, $3, $4, $5)
