select exists (select from ledger.erased_subjects where tenant_id = $1 and subject_id = $2)
