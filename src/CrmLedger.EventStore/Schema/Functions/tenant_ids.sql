-- Who is there at all: the one question that is asked before a tenant is known, by the server's background work.
create or replace function ledger.tenant_ids() returns setof varchar
language sql stable security definer set search_path = ledger, pg_temp as $$
  select tenant_id from tenants order by tenant_id
$$;
