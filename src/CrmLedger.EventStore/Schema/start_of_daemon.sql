-- Views that were made before Marten's daemon made them: it goes on where the one that is furthest behind stands.
insert into ledger.mt_event_progression (name, last_seq_id)
select 'ledger-views:All:' || tenant_id, min(position) + 1 from ledger.views group by tenant_id
on conflict do nothing
