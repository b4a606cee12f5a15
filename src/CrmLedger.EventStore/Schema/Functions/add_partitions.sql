-- A tenant's part of Marten's tables, as Marten's AddMartenManagedTenantsAsync makes it: a partition of each and a
-- sequence, which nobody draws from. Each part is made first and attached then, so that nobody who reads or appends at
-- the moment is waited for. For the owner's other functions and the migration alone.
create or replace function ledger.add_partitions(p_tenant varchar) returns void language plpgsql as $$
declare
  suffix varchar;
  parted varchar;
begin
  perform pg_advisory_xact_lock(4702394921427292);
  select 't' || coalesce(max(substring(partition_suffix from 2)::integer), 0) + 1 into suffix
  from ledger.mt_tenant_partitions where partition_suffix ~ '^t[0-9]+$';
  insert into ledger.mt_tenant_partitions (partition_value, partition_suffix) values (p_tenant, suffix);
  foreach parted in array array['mt_streams', 'mt_events'] loop
    execute format('create table ledger.%I (like ledger.%I including all)', parted || '_' || suffix, parted);
    execute format('alter table ledger.%I attach partition ledger.%I for values in (%L)',
      parted, parted || '_' || suffix, p_tenant);
  end loop;
  execute format('create sequence ledger.%I', 'mt_events_sequence_' || suffix);
  -- While an import is unfinished the clock gives no verdict on what it has brought. Marten's check of the table would
  -- take an index on all parts for a stray one.
  execute format('create index on ledger.%I (id) where id like %L', 'mt_streams_' || suffix, 'import-%');
end $$;
