select ledger.add_partitions($1), set_config('ledger.appending', 'yes', true)
