-- The event store in Marten 9's format (mt_streams, mt_events) with what a ledger needs beside it. Every key of every
-- table leads with tenant_id.

create table ledger.tenants (
  tenant_id varchar primary key check (tenant_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  wrapped_key bytea not null,        -- the tenant's key, wrapped by the server's master key
  wrapped_index_key bytea not null,  -- the key of ids derived from references, wrapped by the tenant's key
  created_at timestamptz not null default now()
);

-- One row a tenant. An append swaps it first, which takes its lock to the end of the transaction: positions become
-- visible in order, and whoever expected another size has lost.
create table ledger.heads (
  tenant_id varchar primary key references ledger.tenants,
  size bigint not null check (size >= 0),
  recorded_at timestamptz not null,
  root bytea not null check (octet_length(root) = 32)
);

create table ledger.mt_streams (
  tenant_id varchar not null,
  id varchar not null,
  type varchar null,
  version bigint not null,
  timestamp timestamptz not null default now(),
  created timestamptz not null default now(),
  is_archived boolean not null default false,
  primary key (tenant_id, id)
);

-- cache 1: seq_id must rise with position, whichever connection appends.
create sequence ledger.mt_events_sequence as bigint cache 1;

create table ledger.mt_events (
  seq_id bigint not null default nextval('ledger.mt_events_sequence'),
  id uuid not null,
  stream_id varchar not null,
  version bigint not null,
  data jsonb not null,
  bdata bytea null,
  type varchar(500) not null,
  timestamp timestamptz not null,
  tenant_id varchar not null,
  mt_dotnet_type varchar not null,
  is_archived boolean not null default false,
  correlation_id varchar null,
  causation_id varchar null,
  headers jsonb not null,
  position bigint not null check (position >= 0),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  constraint pk_mt_events primary key (tenant_id, seq_id),
  constraint uq_mt_events_stream_version unique (tenant_id, stream_id, version),
  constraint uq_mt_events_position unique (tenant_id, position),
  constraint uq_mt_events_id unique (tenant_id, id)
);
create index ix_mt_events_seq_id on ledger.mt_events (seq_id);
alter sequence ledger.mt_events_sequence owned by ledger.mt_events.seq_id;

-- tlog-tiles: 256 hashes a full tile. Full tiles are immutable; the right edge of each level grows until it is full.
create table ledger.tiles (
  tenant_id varchar not null,
  level smallint not null check (level >= 0),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) = 8192),
  primary key (tenant_id, level, index)
);
create table ledger.tile_edges (
  tenant_id varchar not null,
  level smallint not null check (level >= 0),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) < 8192 and octet_length(hashes) % 32 = 0),
  primary key (tenant_id, level)
);

-- A client's Idempotency-Key, kept as a keyed hash. Written with the events that it stands for.
create table ledger.idempotency_keys (
  tenant_id varchar not null,
  key_hash bytea not null,
  request_hash bytea not null,
  first_position bigint not null,
  event_count integer not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key_hash)
);

-- A data key for each person, wrapped by the tenant's key. To erase a person is to delete the row.
create table ledger.subject_keys (
  tenant_id varchar not null,
  subject_id uuid not null,
  wrapped_key bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, subject_id)
);

-- API keys: only a hash of the secret is kept.
create table ledger.api_keys (
  tenant_id varchar not null references ledger.tenants,
  key_id varchar not null,
  name varchar not null,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  scopes varchar[] not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz null,
  primary key (tenant_id, key_id)
);

create function ledger.swap_head(
  p_tenant varchar, p_expected bigint, p_size bigint, p_recorded_at timestamptz, p_root bytea) returns void
language plpgsql as $$
begin
  perform set_config('ledger.tenant', p_tenant, true);
  update ledger.heads
     set size = p_size, recorded_at = p_recorded_at, root = p_root
   where tenant_id = p_tenant and size = p_expected;
  if not found then
    raise exception 'the head of % is not at %', p_tenant, p_expected using errcode = 'CL001';
  end if;
end $$;

-- The position of the last event recorded at or before a time, or -1. recorded_at never decreases with the position,
-- so that halving finds it by a few look-ups in uq_mt_events_position and no index on time is needed.
create function ledger.position_at(p_tenant varchar, p_time timestamptz) returns bigint
language plpgsql stable as $$
declare
  low bigint := -1;
  high bigint;
  middle bigint;
  at timestamptz;
begin
  select size into high from ledger.heads where tenant_id = p_tenant;
  if high is null then
    return -1;
  end if;
  while high - low > 1 loop
    middle := low + (high - low) / 2;
    select timestamp into at from ledger.mt_events where tenant_id = p_tenant and position = middle;
    if at <= p_time then
      low := middle;
    else
      high := middle;
    end if;
  end loop;
  return low;
end $$;

-- The conditions stand at the triggers, so that a function is called only to refuse.
create function ledger.refuse_shrinking_head() returns trigger language plpgsql as $$
begin
  raise exception 'a head may only grow (% to %)', old.size, new.size using errcode = 'CL002';
end $$;
create trigger only_grows before update on ledger.heads for each row
  when (new.tenant_id <> old.tenant_id or new.size <= old.size or new.recorded_at < old.recorded_at)
  execute function ledger.refuse_shrinking_head();

create function ledger.refuse_shrinking_stream() returns trigger language plpgsql as $$
begin
  raise exception 'a stream may only grow (% from % to %)', old.id, old.version, new.version using errcode = 'CL002';
end $$;
create trigger only_grows before update on ledger.mt_streams for each row
  when (new.tenant_id <> old.tenant_id or new.id <> old.id or new.version <= old.version)
  execute function ledger.refuse_shrinking_stream();

create function ledger.refuse_shrinking_edge() returns trigger language plpgsql as $$
begin
  raise exception 'a partial tile may only grow (level %)', old.level using errcode = 'CL002';
end $$;
create trigger only_grows before update on ledger.tile_edges for each row
  when (new.tenant_id <> old.tenant_id or new.level <> old.level or new.index < old.index
    or (new.index = old.index and (octet_length(new.hashes) < octet_length(old.hashes)
      or substring(new.hashes from 1 for octet_length(old.hashes)) <> old.hashes)))
  execute function ledger.refuse_shrinking_edge();

do $$
declare
  t text;
begin
  foreach t in array array['tenants', 'heads', 'mt_streams', 'mt_events', 'tiles', 'tile_edges', 'idempotency_keys',
                           'subject_keys', 'api_keys'] loop
    execute format('alter table ledger.%I enable row level security', t);
    execute format('create policy own_tenant on ledger.%I using (tenant_id = current_setting(''ledger.tenant'', true))', t);
  end loop;
end $$;

revoke all on schema ledger from public;
grant usage on schema ledger to ledger_server, ledger_loader;
grant select on ledger.migrations to ledger_server, ledger_loader;
grant select, insert on ledger.tenants, ledger.tiles, ledger.mt_events, ledger.idempotency_keys, ledger.subject_keys,
  ledger.api_keys, ledger.heads, ledger.mt_streams, ledger.tile_edges to ledger_server, ledger_loader;
grant update (size, recorded_at, root) on ledger.heads to ledger_server, ledger_loader;
grant update (version, timestamp) on ledger.mt_streams to ledger_server, ledger_loader;
grant update (index, hashes) on ledger.tile_edges to ledger_server, ledger_loader;
grant update (revoked_at) on ledger.api_keys to ledger_server;
grant usage on sequence ledger.mt_events_sequence to ledger_server, ledger_loader;

-- Who is there at all: the one question that is asked before a tenant is known, by the server's background work.
create function ledger.tenant_ids() returns setof varchar
language sql stable security definer set search_path = ledger, pg_temp as
$$ select tenant_id from ledger.tenants order by tenant_id $$;
revoke all on function ledger.tenant_ids() from public;
grant execute on function ledger.tenant_ids() to ledger_server, ledger_loader;
