-- A session that has done a part of a pipelined request, or of a COPY, and waits for the rest of it, is held to none of
-- PostgreSQL's timeouts: statement_timeout ends with the statement before, idle_in_transaction_session_timeout begins
-- with the end of the request. It keeps its locks for as long as the connection seems to be open.
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and usename = session_user and application_name = $1
  and state = 'active' and wait_event = 'ClientRead' and state_change < clock_timestamp() - make_interval(secs => $2)
