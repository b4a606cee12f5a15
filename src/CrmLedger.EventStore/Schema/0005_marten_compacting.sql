-- A newer Marten reads this column of its streams (9.58 does); nothing here is ever compacted, so that it stays empty.
alter table ledger.mt_streams add column compacted_version bigint null;
