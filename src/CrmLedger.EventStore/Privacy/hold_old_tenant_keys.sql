-- Until the transaction ends nothing new is wrapped by the older keys.
select number from ledger.tenant_keys where tenant_id = $1 and number < $2 for update
