-- Deadlines that have passed ($2) and of which nothing was said, after a place in their order ($3, $4, $5), at most $6.
-- What an unfinished import has brought is left out; import_completed is the second event of an import's stream.
with unfinished as (
  select coalesce(array_agg(substr(id, 8)), '{}') as ids from ledger.mt_streams
  where tenant_id = $1 and id like 'import-%' and version < 2)
select r.stream_id, r.key, r.due
from ledger.views v
cross join unfinished
join ledger.view_rows r on r.tenant_id = $1 and r.view = 'relationships' and r.generation = v.generation
  and r.valid_to is null and r.due < $2 and (r.due, r.stream_id, r.key) > ($3, $4, $5)
where v.tenant_id = $1 and v.view = 'relationships'
  and (unfinished.ids = '{}' or coalesce(r.row -> 'source' ->> 'importId', '') <> all (unfinished.ids))
order by r.due, r.stream_id, r.key
limit $6
