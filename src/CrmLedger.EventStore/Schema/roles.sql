-- The three roles, for whoever may create roles (a superuser, or a DBA by hand).
-- ledger_owner migrates; ledger_server serves; ledger_loader does bulk COPY and projections. COPY into a table with
-- row-level security is refused to everybody who does not bypass it, hence the loader's BYPASSRLS.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ledger_owner') then
    create role ledger_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'ledger_server') then
    create role ledger_server nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'ledger_loader') then
    create role ledger_loader nologin bypassrls;
  end if;
exception when duplicate_object or unique_violation then
  null; -- another server creates them at this moment
end $$;
