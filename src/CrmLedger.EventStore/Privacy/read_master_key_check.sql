select wrapped from ledger.master_key_check
