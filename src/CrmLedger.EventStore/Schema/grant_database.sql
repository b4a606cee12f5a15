-- The owner makes the schema, so it may create in this database.
do $$
begin
  -- Two servers that change one database's rights at once would stumble over each other.
  perform pg_advisory_xact_lock(4702394921427289);
  execute format('grant create, connect, temporary on database %I to ledger_owner', current_database());
  execute format('grant connect on database %I to ledger_server, ledger_loader', current_database());
end $$;
