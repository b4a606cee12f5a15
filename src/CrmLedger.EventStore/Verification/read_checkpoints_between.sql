-- What was signed of the trees of some sizes.
select size, origin, root, note from ledger.checkpoints
where tenant_id = $1 and size > $2 and size <= $3
order by size, origin
