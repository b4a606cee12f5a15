-- Refused by wrapped_by while they wrap anything.
delete from ledger.tenant_keys where tenant_id = $1 and number < $2
