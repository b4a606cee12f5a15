-- Under which name and key a log signs its checkpoints. The last one signs; a new one follows when a key is replaced
-- (the origin stays) or when an operator declares that the log goes on from another history (a new origin).
create table ledger.log_keys (
  tenant_id varchar not null references ledger.tenants,
  number integer not null check (number > 0),
  origin varchar not null,
  public_key bytea not null check (octet_length(public_key) = 32),
  wrapped_seed bytea not null,      -- wrapped by the tenant's key
  reason varchar null,              -- why it follows another one
  created_at timestamptz not null default now(),
  primary key (tenant_id, number)
);

-- What was signed. Of one origin and size there is one root, for ever.
create table ledger.checkpoints (
  tenant_id varchar not null,
  origin varchar not null,
  size bigint not null check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note bytea not null,              -- a C2SP signed note
  signed_at timestamptz not null default now(),
  primary key (tenant_id, origin, size)
);

do $$
declare
  t text;
begin
  foreach t in array array['log_keys', 'checkpoints'] loop
    execute format('alter table ledger.%I enable row level security', t);
    execute format('create policy own_tenant on ledger.%I using (tenant_id = current_setting(''ledger.tenant'', true))', t);
    execute format('grant select, insert on ledger.%I to ledger_server', t);
    execute format('grant select on ledger.%I to ledger_loader', t);
  end loop;
end $$;
