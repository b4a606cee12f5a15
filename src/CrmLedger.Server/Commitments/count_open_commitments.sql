select count(*), count(*) filter (where r.due < $6)
from ledger.views v
join ledger.view_rows r on r.tenant_id = v.tenant_id and r.view = v.view and r.generation = v.generation
where v.tenant_id = $1 and v.view = 'open-commitments'
  and ($2::bigint is null and r.valid_to is null
    or r.valid_from <= $2::bigint and (r.valid_to is null or r.valid_to > $2::bigint))
  and ($3::varchar is null or r.stream_id = $3)
  and ($4::uuid is null or r.member_id = $4)
  and ($5::varchar is null or r.team = $5)
  and ($7::timestamptz is null or r.due >= $7)
  and ($8::timestamptz is null or r.due < $8)
  and ($9::varchar is null or starts_with(r.key, $9))
