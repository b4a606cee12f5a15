-- Keys that are replaced while servers run. Each wrapped key names the key that wraps it, and a key that something
-- still names cannot go: nothing becomes unreadable, whoever writes with which key in memory, and whenever a process
-- dies.

-- Which master key wraps the tenants' keys. The row is there from the beginning; whoever replaces the key raises it.
create table ledger.master_key_in_force (
  only_row boolean primary key default true check (only_row),
  number integer not null default 1 unique check (number > 0),
  since timestamptz not null default now()
);
insert into ledger.master_key_in_force default values;
grant select on ledger.master_key_in_force to ledger_server;

-- The key that wraps a tenant's other keys: one, or two while the older one is being replaced.
create table ledger.tenant_keys (
  tenant_id varchar not null references ledger.tenants,
  number integer not null check (number > 0),
  wrapped_key bytea not null,        -- by the master key
  wrapped_index_key bytea not null,  -- the key of ids derived from references, by this key; it is always the same
  master_number integer not null default 1
    constraint wrapped_by_master references ledger.master_key_in_force (number) on update cascade,
  created_at timestamptz not null default now(),
  primary key (tenant_id, number)
);
insert into ledger.tenant_keys (tenant_id, number, wrapped_key, wrapped_index_key)
select tenant_id, 1, wrapped_key, wrapped_index_key from ledger.tenants;
alter table ledger.tenants drop column wrapped_key, drop column wrapped_index_key;

-- The server makes the first key of a new tenant; only the owner replaces it.
alter table ledger.tenant_keys enable row level security;
create policy own_tenant on ledger.tenant_keys for select
  using (tenant_id = current_setting('ledger.tenant', true));
create policy first_key on ledger.tenant_keys for insert
  with check (tenant_id = current_setting('ledger.tenant', true) and number = 1);
grant select, insert on ledger.tenant_keys to ledger_server;

-- A server of an older version knows the first key alone, and is refused once that is gone.
alter table ledger.subject_keys
  add column key_number integer not null default 1,
  add constraint wrapped_by foreign key (tenant_id, key_number) references ledger.tenant_keys (tenant_id, number);
alter table ledger.log_keys
  add column key_number integer not null default 1,
  add constraint wrapped_by foreign key (tenant_id, key_number) references ledger.tenant_keys (tenant_id, number);
