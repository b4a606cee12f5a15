-- The lock is held to the end of the transaction: nobody swaps the head meanwhile. Answers the log's size.
create or replace function ledger.hold_head(p_tenant varchar) returns bigint
language sql security definer set search_path = ledger, pg_temp as $$
  select size from heads where tenant_id = p_tenant for update
$$;
