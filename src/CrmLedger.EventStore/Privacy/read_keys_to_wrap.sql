-- Subjects' keys that an older key ($2 is the newest) wraps, after a subject ($3).
select subject_id, wrapped_key, key_number from ledger.subject_keys
where tenant_id = $1 and key_number < $2 and subject_id > $3
order by subject_id
limit $4
