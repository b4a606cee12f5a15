-- Erased customers of whom the log does not say so. Each is looked up by pk_mt_events_stream_and_version.
select s.subject_id, s.erased_at, s.basis
from ledger.erased_subjects s
where s.tenant_id = $1 and not exists (
  select from ledger.mt_events e
  where e.tenant_id = $1 and e.stream_id = 'customer-' || s.subject_id and e.type = 'customer_erased')
