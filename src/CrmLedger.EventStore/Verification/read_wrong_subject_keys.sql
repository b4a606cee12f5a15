-- Subjects whose key is not as the log has it, as of one moment.
with streams as (
  select id, substring(id from position('-' in id) + 1) as subject from ledger.mt_streams
  where tenant_id = $1 and (id like 'customer-%' or id like 'member-%')),
said as (
  select distinct substring(stream_id from position('-' in stream_id) + 1) as subject from ledger.mt_events
  where tenant_id = $1 and type = 'customer_erased'),
listed as (select subject_id::text as subject from ledger.erased_subjects where tenant_id = $1),
keys as (select subject_id::text as subject from ledger.subject_keys where tenant_id = $1)
select s.id, 'missing' from streams s
where not exists (select from keys k where k.subject = s.subject)
  and not exists (select from said e where e.subject = s.subject)
  and not exists (select from listed l where l.subject = s.subject)
union all
select 'subject ' || k.subject, 'kept' from keys k
where exists (select from said e where e.subject = k.subject)
  or exists (select from listed l where l.subject = k.subject)
union all
select 'subject ' || k.subject, 'stray' from keys k where not exists (select from streams s where s.subject = k.subject)
union all
select 'subject ' || l.subject, 'unsaid' from listed l where not exists (select from said e where e.subject = l.subject)
union all
select 'subject ' || e.subject, 'unlisted' from said e
where not exists (select from listed l where l.subject = e.subject)
limit $2
