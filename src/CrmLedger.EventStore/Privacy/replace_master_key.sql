-- The tenants' keys follow by wrapped_by_master.
with replaced as (update ledger.master_key_check set wrapped = $1)
update ledger.master_key_in_force set number = $2, since = now()
