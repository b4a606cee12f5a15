-- Keys of erased subjects that a backup of that table alone has brought back, past the triggers.
create or replace function ledger.destroy_erased_keys(p_tenant varchar) returns bigint
language sql security definer set search_path = ledger, pg_temp as $$
  with destroyed as (
    delete from subject_keys k using erased_subjects e
    where k.tenant_id = p_tenant and e.tenant_id = k.tenant_id and e.subject_id = k.subject_id
    returning k.subject_id)
  select count(*) from destroyed
$$;
