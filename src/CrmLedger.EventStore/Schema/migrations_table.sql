-- The advisory lock lets only one server migrate at a time; it is let go with the transaction.
select pg_advisory_xact_lock(4702394921427289);
create schema if not exists ledger;
create table if not exists ledger.migrations (
  number integer primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now()
);
