create or replace function ledger.refuse_shrinking_edge() returns trigger language plpgsql as $$
begin
  raise exception 'a partial tile may only grow (level %)', old.level using errcode = 'CL002';
end $$;
