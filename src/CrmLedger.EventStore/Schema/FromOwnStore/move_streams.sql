insert into ledger.mt_streams (tenant_id, id, version, timestamp, created)
select tenant_id, id, version, timestamp, created from ledger_own_store.mt_streams where tenant_id = $1
