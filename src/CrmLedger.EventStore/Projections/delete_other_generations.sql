-- A piece of what other generations have left, found by the primary key's index.
delete from ledger.view_rows where tenant_id = $1 and view = $2 and ctid = any (array(
  select ctid from ledger.view_rows where tenant_id = $1 and view = $2 and generation <> $3 limit 20000))
