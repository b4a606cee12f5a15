-- Run by the superuser at every start, in one transaction: makes the roles that are missing and resets what may have
-- drifted. The passwords come as settings of the session (ledger_roles.<name>), because a role's statement takes no
-- parameters and its text must not be seen anywhere.
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('ledger_owner', 'nobypassrls'),   -- owns the database and migrates it
      ('ledger_server', 'nobypassrls'),  -- inserts and reads, under row-level security
      ('ledger_loader', 'bypassrls')     -- COPY and rebuild, which see every tenant
    ) as roles(name, row_security)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I', wanted.name);
    end if;
    execute format(
      'alter role %I login nosuperuser nocreatedb nocreaterole noreplication %s password %L',
      wanted.name, wanted.row_security, current_setting('ledger_roles.' || wanted.name));
  end loop;
end $$;
