create or replace function ledger.refuse_key_of_erased() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  if exists (select from erased_subjects where tenant_id = new.tenant_id and subject_id = new.subject_id) then
    raise exception 'subject % was erased and is given no key', new.subject_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
