-- The latest first; below a number ($3), which may be null.
select number, read_at, key_id, operation from ledger.personal_reads
where tenant_id = $1 and subject_id = $2 and ($3::bigint is null or number < $3)
order by number desc
limit $4
