-- Subjects whose key is not as the log has it, as of one moment. Without a join: however many they are, and whatever
-- the planner thinks of that, they are gone through once.
select coalesce(min(stream), 'subject ' || subject), bool_or(held), bool_or(said), bool_or(listed)
from (
  select substring(id from position('-' in id) + 1) as subject, id as stream,
    false as held, false as said, false as listed
  from ledger.mt_streams where tenant_id = $1 and (id like 'customer-%' or id like 'member-%')
  union all
  select substring(stream_id from position('-' in stream_id) + 1), stream_id, false, true, false
  from ledger.mt_events where tenant_id = $1 and type = 'customer_erased'
  union all
  select subject_id::text, null, true, false, false from ledger.subject_keys where tenant_id = $1
  union all
  select subject_id::text, null, false, false, true from ledger.erased_subjects where tenant_id = $1) s
group by subject
having bool_or(said) <> bool_or(listed) or bool_or(held) = (bool_or(said) or bool_or(listed)) or min(stream) is null
limit $2
