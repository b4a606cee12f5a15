-- Whether anything was ever imported.
select exists (select from ledger.mt_streams where tenant_id = $1 and id like 'import-%')
