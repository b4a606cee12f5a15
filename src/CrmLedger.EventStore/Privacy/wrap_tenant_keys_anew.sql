update ledger.tenant_keys k set wrapped_key = n.wrapped_key
from unnest($1::varchar[], $2::integer[], $3::bytea[]) as n (tenant_id, number, wrapped_key)
where k.tenant_id = n.tenant_id and k.number = n.number
