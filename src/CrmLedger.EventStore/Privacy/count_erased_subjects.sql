select count(*) from ledger.erased_subjects where tenant_id = $1
