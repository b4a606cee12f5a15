-- The position of the last event recorded at or before a time, or -1. recorded_at never decreases with the position, so
-- that halving finds it by a few look-ups in the primary key and no index on time is needed.
create or replace function ledger.position_at(p_tenant varchar, p_time timestamptz) returns bigint
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
    select timestamp into at from ledger.mt_events where tenant_id = p_tenant and seq_id = middle + 1;
    if at <= p_time then
      low := middle;
    else
      high := middle;
    end if;
  end loop;
  return low;
end $$;
