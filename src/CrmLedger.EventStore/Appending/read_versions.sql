-- Each is looked up by its key, also by a plan that was made while the table was small.
select s.id, s.version
from unnest($2::varchar[]) as wanted (id)
cross join lateral (
  select id, version from ledger.mt_streams where tenant_id = $1 and id = wanted.id limit 1) as s
