-- Whether roles are missing, or the owner may not make the schema here, as in a second database of a cluster.
select (select count(*) from pg_roles where rolname in ('ledger_owner', 'ledger_server', 'ledger_loader')) < 3
  or to_regnamespace('ledger') is null and not exists (
    select from pg_roles where rolname = 'ledger_owner'
      and has_database_privilege(oid, current_database(), 'create'));
