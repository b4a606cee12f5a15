select ledger.append_by_copy($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
