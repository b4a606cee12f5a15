-- One migrates at a time.
select pg_advisory_lock(4702394921427289)
