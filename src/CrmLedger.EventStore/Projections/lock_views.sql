-- In the order of the key, as whoever takes several at once must.
select view, generation, position, projection_version from ledger.views where tenant_id = $1 order by view for update
