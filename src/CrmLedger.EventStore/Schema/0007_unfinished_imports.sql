-- While an import is unfinished the clock gives no verdict on what it has brought: the next batch may say more.
create index ix_imports on ledger.mt_streams (tenant_id, id) where id like 'import-%';
