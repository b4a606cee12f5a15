select * from ledger.hold_head($1, $2)
