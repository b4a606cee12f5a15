create or replace function ledger.refuse_shrinking_stream() returns trigger language plpgsql as $$
begin
  raise exception 'a stream may only grow (% from % to %)', old.id, old.version, new.version using errcode = 'CL002';
end $$;
