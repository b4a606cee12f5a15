-- A key that was revoked stays revoked, whoever has got hold of the server.
create or replace function ledger.refuse_unrevoking() returns trigger language plpgsql as $$
begin
  if old.revoked_at is not null or new.revoked_at is null then
    raise exception 'a key is revoked once and for ever (%)', old.key_id using errcode = 'CL002';
  end if;
  return new;
end $$;
