drop schema if exists ledger_own_store cascade;
