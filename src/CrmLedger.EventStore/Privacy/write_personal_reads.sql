insert into ledger.personal_reads (tenant_id, subject_id, read_at, key_id, operation)
select $1, s.subject_id, $2, $3, $4 from unnest($5::uuid[]) as s (subject_id)
