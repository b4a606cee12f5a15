-- The tenant, its key and its empty log, once; another server may have been quicker.
select ledger.add_tenant($1, $4, $2, $3, $5)
