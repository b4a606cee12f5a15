-- Every key that a log has signed with, the first one first.
select number, origin, wrapped_seed, reason, created_at, supersedes, key_number
from ledger.log_keys where tenant_id = $1 order by number
