-- Never inserts: who has been erased since has no row. Who is being erased at this moment is not waited for, by which
-- two could wait for each other.
with free as (
  select subject_id from ledger.subject_keys
  where tenant_id = $1 and key_number < $2 and subject_id = any($3)
  order by subject_id for update skip locked)
update ledger.subject_keys k set wrapped_key = n.wrapped_key, key_number = $2
from free f join unnest($3::uuid[], $4::bytea[]) as n (subject_id, wrapped_key) on n.subject_id = f.subject_id
where k.tenant_id = $1 and k.subject_id = f.subject_id
