select c.wrapped, f.number, f.since
from ledger.master_key_in_force f left join ledger.master_key_check c on true
