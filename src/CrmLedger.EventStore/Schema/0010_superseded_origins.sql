-- A log that was named anew may supersede one that this database has never heard of: the copy outside was of it, and
-- the database is an older one.
alter table ledger.log_keys add column supersedes varchar null;
