-- What the migration of tables and functions cannot express: who may do what, indexes of many columns, triggers and
-- row-level security. Run by the owner after each migration; to run it again changes nothing.

revoke all on schema ledger from public;
grant usage on schema ledger to ledger_server, ledger_loader;
revoke all on all functions in schema ledger from public;
-- What a version before allowed is not left standing.
revoke all on all tables in schema ledger from ledger_server, ledger_loader;
revoke all on all sequences in schema ledger from ledger_server, ledger_loader;
drop policy if exists first_key on ledger.tenant_keys;

insert into ledger.master_key_in_force default values on conflict do nothing;

-- An id is an event's for ever; and who was merged into a customer is asked when that one is erased.
create unique index if not exists uq_mt_events_id on ledger.mt_events (tenant_id, id);
create index if not exists ix_mt_events_merged_into on ledger.mt_events (tenant_id, (data->>'customerId'))
  where type = 'customer_merged_into';
create index if not exists ix_view_rows_due on ledger.view_rows (tenant_id, view, generation, due, stream_id, key)
  where valid_to is null;
-- What one team or one member owes, in the order of its dates: without these, a page of it reads what all of them owe.
create index if not exists ix_open_commitments_team
  on ledger.view_rows (tenant_id, generation, team, due, stream_id, key)
  where valid_to is null and view = 'open-commitments';
create index if not exists ix_open_commitments_member
  on ledger.view_rows (tenant_id, generation, member_id, due, stream_id, key)
  where valid_to is null and view = 'open-commitments';

-- The conditions stand at the triggers, so that a function is called only to refuse.
create or replace trigger only_grows before update on ledger.heads for each row
  when (new.tenant_id <> old.tenant_id or new.size <= old.size or new.recorded_at < old.recorded_at)
  execute function ledger.refuse_shrinking_head();
create or replace trigger only_grows before update on ledger.mt_streams for each row
  when (new.tenant_id <> old.tenant_id or new.id <> old.id or new.version <= old.version)
  execute function ledger.refuse_shrinking_stream();
create or replace trigger only_grows before update on ledger.tile_edges for each row
  when (new.tenant_id <> old.tenant_id or new.level <> old.level or new.index < old.index
    or (new.index = old.index and (octet_length(new.hashes) < octet_length(old.hashes)
      or substring(new.hashes from 1 for octet_length(old.hashes)) <> old.hashes)))
  execute function ledger.refuse_shrinking_edge();
create or replace trigger only_by_append before insert on ledger.mt_events for each statement
  when (current_setting('ledger.appending', true) is distinct from 'yes' or current_user = 'ledger_server')
  execute function ledger.refuse_stray_append();
create or replace trigger only_by_append before insert on ledger.mt_streams for each statement
  when (current_setting('ledger.appending', true) is distinct from 'yes' or current_user = 'ledger_server')
  execute function ledger.refuse_stray_append();
create or replace trigger only_revoked before update on ledger.api_keys for each row
  execute function ledger.refuse_unrevoking();
create or replace trigger destroys_key after insert on ledger.erased_subjects for each row
  execute function ledger.destroy_subject_key();
create or replace trigger never_of_erased before insert on ledger.subject_keys for each row
  execute function ledger.refuse_key_of_erased();

do $$
declare
  t text;
begin
  foreach t in array array['tenants', 'heads', 'mt_streams', 'mt_events', 'tiles', 'tile_edges', 'idempotency_keys',
      'subject_keys', 'api_keys', 'views', 'quarantine', 'view_rows', 'log_keys', 'checkpoints', 'erased_subjects',
      'personal_reads', 'tenant_keys'] loop
    execute format('alter table ledger.%I enable row level security', t);
    if not exists (select from pg_policy where polrelid = ('ledger.' || t)::regclass and polname = 'own_tenant') then
      execute format(
        'create policy own_tenant on ledger.%I using (tenant_id = current_setting(''ledger.tenant'', true))', t);
    end if;
  end loop;
end $$;

-- The server reads; it writes events, tiles, heads and streams through append_batch alone. That it may insert at all
-- lets a trigger say so.
do $$
declare
  t regclass;
begin
  -- A tenant's partition is read through its table, where row-level security stands.
  for t in select oid from pg_class
    where relnamespace = 'ledger'::regnamespace and relkind in ('r', 'p') and not relispartition loop
    execute format('grant select on %s to ledger_server, ledger_loader', t);
  end loop;
end $$;
grant insert on ledger.mt_events, ledger.mt_streams to ledger_server;
grant insert on ledger.idempotency_keys, ledger.subject_keys, ledger.erased_subjects, ledger.api_keys, ledger.log_keys,
  ledger.checkpoints, ledger.personal_reads to ledger_server;
grant usage on sequence ledger.personal_reads_number_seq to ledger_server;
grant insert (wrapped) on ledger.master_key_check to ledger_server;
grant update (revoked_at) on ledger.api_keys to ledger_server;
grant execute on function ledger.append_batch, ledger.add_tenant, ledger.tenant_ids, ledger.position_at,
  ledger.leaf_hash, ledger.destroy_erased_keys, ledger.mt_quick_append_events to ledger_server;
-- The loader appends by COPY, which row-level security would refuse to whoever does not bypass it, and projects. It
-- makes neither tenants nor credentials, and reads no keys.
grant insert on ledger.mt_events, ledger.mt_streams, ledger.idempotency_keys, ledger.subject_keys, ledger.erased_subjects
  to ledger_loader;
grant insert, update, delete on ledger.views, ledger.quarantine, ledger.view_rows to ledger_loader;
grant insert, update, delete on ledger.mt_event_progression, ledger.mt_high_water_skips,
  ledger.mt_doc_deadletterevent, ledger.mt_event_projection_floors to ledger_loader;
revoke all on ledger.tenants, ledger.tenant_keys, ledger.api_keys, ledger.personal_reads, ledger.master_key_check,
  ledger.master_key_in_force from ledger_loader;
revoke select on ledger.subject_keys from ledger_loader;
grant execute on function ledger.append_by_copy, ledger.append_batch, ledger.hold_head, ledger.tenant_ids, ledger.position_at,
  ledger.leaf_hash, ledger.mt_mark_event_progression, ledger.mt_mark_progression_with_skip,
  ledger.mt_quick_append_events to ledger_loader;
