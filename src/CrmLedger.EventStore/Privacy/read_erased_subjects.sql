select subject_id, erased_at, basis from ledger.erased_subjects where tenant_id = $1
