-- Who was erased. A row here destroys the subject's data key, in the transaction that writes it, and no key of the
-- subject is taken in again: so no role need be able to delete keys, and no key goes without a trace that stays.
create table ledger.erased_subjects (
  tenant_id varchar not null,
  subject_id uuid not null,
  erased_at timestamptz not null,
  basis varchar not null,            -- as customer_erased has it: a log that has lost that event is given it again
  primary key (tenant_id, subject_id)
);
alter table ledger.erased_subjects enable row level security;
create policy own_tenant on ledger.erased_subjects using (tenant_id = current_setting('ledger.tenant', true));
grant select, insert on ledger.erased_subjects to ledger_server;
grant insert on ledger.erased_subjects to ledger_loader;

-- Servers that hold the key in memory are told when it is committed.
create function ledger.destroy_subject_key() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  delete from ledger.subject_keys where tenant_id = new.tenant_id and subject_id = new.subject_id;
  perform pg_notify('ledger_subject_erased', new.tenant_id || ' ' || new.subject_id);
  return null;
end $$;
create trigger destroys_key after insert on ledger.erased_subjects
  for each row execute function ledger.destroy_subject_key();

create function ledger.refuse_key_of_erased() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  if exists (select from ledger.erased_subjects
             where tenant_id = new.tenant_id and subject_id = new.subject_id) then
    raise exception 'subject % was erased and is given no key', new.subject_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger never_of_erased before insert on ledger.subject_keys
  for each row execute function ledger.refuse_key_of_erased();

-- Keys of erased subjects that a backup of that table alone has brought back, past the triggers.
create function ledger.destroy_erased_keys(p_tenant varchar) returns bigint
language sql security definer set search_path = ledger, pg_temp as $$
  with destroyed as (
    delete from ledger.subject_keys k using ledger.erased_subjects e
    where k.tenant_id = p_tenant and e.tenant_id = k.tenant_id and e.subject_id = k.subject_id
    returning k.subject_id)
  select count(*) from destroyed
$$;
revoke all on function ledger.destroy_erased_keys(varchar) from public;
grant execute on function ledger.destroy_erased_keys(varchar) to ledger_server;

-- Who was merged into a customer: asked when that one is erased.
create index ix_mt_events_merged_into on ledger.mt_events (tenant_id, (data->>'customerId'))
  where type = 'customer_merged_into';

-- Whose personal text was given to whom: written before the answer is, and never changed.
create table ledger.personal_reads (
  tenant_id varchar not null,
  subject_id uuid not null,
  number bigint generated always as identity,
  read_at timestamptz not null,
  key_id varchar not null,           -- the API key that asked
  operation varchar not null,        -- what it asked for
  primary key (tenant_id, subject_id, number)
);
alter table ledger.personal_reads enable row level security;
create policy own_tenant on ledger.personal_reads using (tenant_id = current_setting('ledger.tenant', true));
grant select, insert on ledger.personal_reads to ledger_server;
