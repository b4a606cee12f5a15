vacuum ledger.subject_keys, ledger.log_keys, ledger.tenant_keys
