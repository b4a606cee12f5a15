-- One question for all tenants: the views that another version of their fold has made, and those that stand behind the
-- page that the daemon has finished: events that Marten could not read were no part of it, and a view that was not
-- there, or far behind, was left out. Numbers of the daemon's are positions plus one.
select p.tenant_id, known.view, coalesce(v.projection_version, known.version) <> known.version as is_outdated
from (
    select substring(name from length($3::varchar) + 6) as tenant_id, last_seq_id
    from ledger.mt_event_progression where name like $3 || ':All:%'
  ) p
cross join unnest($1::varchar[], $2::integer[]) as known (view, version)
left join ledger.views v on v.tenant_id = p.tenant_id and v.view = known.view
where coalesce(v.projection_version, known.version) <> known.version
  or coalesce(v.position, -1) < p.last_seq_id - 1
order by 1, 2
