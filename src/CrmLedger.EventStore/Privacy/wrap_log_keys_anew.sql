update ledger.log_keys k set wrapped_seed = n.wrapped_seed, key_number = $2
from unnest($3::integer[], $4::bytea[]) as n (number, wrapped_seed)
where k.tenant_id = $1 and k.number = n.number
