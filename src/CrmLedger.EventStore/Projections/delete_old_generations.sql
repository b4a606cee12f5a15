-- A piece of what older generations have left, found by the primary key's index. Generations only rise, and what a
-- rebuild has not committed is gone by itself: only lower ones can be left.
delete from ledger.view_rows where tenant_id = $1 and view = $2 and ctid = any (array(
  select ctid from ledger.view_rows where tenant_id = $1 and view = $2 and generation < $3 limit 200000))
