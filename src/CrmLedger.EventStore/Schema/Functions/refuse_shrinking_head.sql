create or replace function ledger.refuse_shrinking_head() returns trigger language plpgsql as $$
begin
  raise exception 'a head may only grow (% to %)', old.size, new.size using errcode = 'CL002';
end $$;
