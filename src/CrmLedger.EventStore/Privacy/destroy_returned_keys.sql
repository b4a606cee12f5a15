select ledger.destroy_erased_keys($1)
