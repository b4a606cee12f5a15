-- The keys of subjects. Who has none, and was not erased, has lost it, or is new.
select s.subject_id, k.wrapped_key, k.key_number, e.subject_id is not null
from unnest($2::uuid[]) as s (subject_id)
left join ledger.subject_keys k on k.tenant_id = $1 and k.subject_id = s.subject_id
left join ledger.erased_subjects e on e.tenant_id = $1 and e.subject_id = s.subject_id
