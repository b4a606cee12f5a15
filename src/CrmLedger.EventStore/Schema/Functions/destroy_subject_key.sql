-- Servers that hold the key in memory are told when it is committed.
create or replace function ledger.destroy_subject_key() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  delete from subject_keys where tenant_id = new.tenant_id and subject_id = new.subject_id;
  perform pg_notify('ledger_subject_erased', new.tenant_id || ' ' || new.subject_id);
  return null;
end $$;
