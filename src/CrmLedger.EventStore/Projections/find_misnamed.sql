-- Events of a page whose .NET type is not their name's ($4: "name dotnet-type", $5: older names, which have none). The
-- name is hashed, the .NET type is not, and Marten goes by it first; the ledger goes by the name. The subquery is hashed
-- whatever the session's settings are.
select seq_id - 1 from ledger.mt_events
where tenant_id = $1 and seq_id between $2 + 1 and $3 + 1 and type <> all ($5::varchar[])
  and (type || ' ' || mt_dotnet_type) not in (select unnest($4::text[]))
