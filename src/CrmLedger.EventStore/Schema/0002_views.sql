-- Views are disposable: folds of the log, rebuilt at will. A rebuild writes a new generation beside the one being read
-- and then moves the pointer; rows keep the positions between which they were true, so that a view answers for the past.

create table ledger.views (
  tenant_id varchar not null,
  view varchar not null,
  generation integer not null,      -- the one that readers see
  position bigint not null,         -- the last position that it reflects, -1 for none
  projection_version integer not null,
  rebuilt_at timestamptz null,
  primary key (tenant_id, view)
);

create table ledger.quarantine (
  tenant_id varchar not null,
  view varchar not null,
  generation integer not null,
  stream_id varchar not null,
  position bigint not null,         -- the first event that could not be folded
  reason text not null,
  since timestamptz not null default now(),
  primary key (tenant_id, view, generation, stream_id)
);

-- The rows of every view. due, member_id and team stand beside the row only so that lists can filter and page by them.
create table ledger.view_rows (
  tenant_id varchar not null,
  view varchar not null,
  generation integer not null,
  stream_id varchar not null,
  key varchar not null,             -- the row's key within its stream; empty where a stream has one row
  valid_from bigint not null,       -- the position that made the row true
  valid_to bigint null,             -- the position that ended it; null while it is true
  due timestamptz null,
  member_id uuid null,
  team varchar null,
  row jsonb not null,               -- the folded state; personal text stays sealed
  primary key (tenant_id, view, generation, stream_id, key, valid_from)
);
create index ix_view_rows_due on ledger.view_rows (tenant_id, view, generation, due, stream_id, key)
  where valid_to is null;

do $$
declare
  t text;
begin
  foreach t in array array['views', 'quarantine', 'view_rows'] loop
    execute format('alter table ledger.%I enable row level security', t);
    execute format('create policy own_tenant on ledger.%I using (tenant_id = current_setting(''ledger.tenant'', true))', t);
    execute format('grant select on ledger.%I to ledger_server', t);
    execute format('grant select, insert, update, delete on ledger.%I to ledger_loader', t);
  end loop;
end $$;
