select ledger.hold_head($1)
