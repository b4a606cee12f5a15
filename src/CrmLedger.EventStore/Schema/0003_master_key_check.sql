-- Nothing, wrapped by the master key: who starts with another key is told so by it. One row, which is no tenant's,
-- written by the first server and never again.
create table ledger.master_key_check (
  only_row boolean primary key default true check (only_row),
  wrapped bytea not null
);
grant select, insert (wrapped) on ledger.master_key_check to ledger_server;

-- A key that was revoked stays revoked, whoever has got hold of the server.
create function ledger.refuse_unrevoking() returns trigger language plpgsql as $$
begin
  if old.revoked_at is not null or new.revoked_at is null then
    raise exception 'a key is revoked once and for ever (%)', old.key_id using errcode = 'CL002';
  end if;
  return new;
end $$;
create trigger only_revoked before update on ledger.api_keys
  for each row execute function ledger.refuse_unrevoking();

-- The loader appends and projects: it makes neither tenants nor credentials, and reads no keys.
revoke all on ledger.tenants, ledger.api_keys from ledger_loader;
revoke select on ledger.subject_keys from ledger_loader;
