-- Servers that hold the key in memory are told at once.
with revoked as (
  update ledger.api_keys set revoked_at = now() where tenant_id = $1 and key_id = $2 and revoked_at is null
  returning key_id)
select pg_notify('ledger_key_revoked', key_id) from revoked
