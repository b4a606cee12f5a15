insert into ledger.migrations (number, name, sha256) values ($1, $2, '') on conflict do nothing
