-- Who was erased before stays as it was first recorded.
insert into ledger.erased_subjects (tenant_id, subject_id, erased_at, basis)
select $1, e.subject_id, e.erased_at, e.basis
from unnest($2::uuid[], $3::timestamptz[], $4::varchar[]) as e (subject_id, erased_at, basis)
on conflict do nothing
