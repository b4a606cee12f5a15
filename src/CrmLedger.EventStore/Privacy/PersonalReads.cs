using NpgsqlTypes;

namespace CrmLedger.EventStore.Privacy;

/// <summary>That somebody's personal text was given to somebody.</summary>
/// <param name="Number">Rises with each.</param>
/// <param name="ReadAt">UTC.</param>
/// <param name="KeyId">The API key that asked.</param>
/// <param name="Operation">What it asked for.</param>
public sealed record PersonalRead(long Number, DateTimeOffset ReadAt, string KeyId, string Operation);

/// <summary>Keeps whose personal text was given to whom. The server can add to it, and change nothing in it.</summary>
public sealed class PersonalReads(LedgerDatabase database)
{
    private static readonly string s_write = Sql.Load("Privacy/write_personal_reads.sql");
    private static readonly string s_read = Sql.Load("Privacy/read_personal_reads.sql");

    /// <summary>Records one answer, of whosever personal text there is in it.</summary>
    public Task WriteAsync(
        string tenant, DateTimeOffset readAt, string keyId, string operation, IReadOnlyCollection<Guid> subjectIds,
        CancellationToken cancel) =>
        database.ExecuteAsync(tenant, s_write, cancel, tenant, readAt, keyId, operation, subjectIds.ToArray());

    /// <summary>The readings of a subject's personal text, the latest first.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="subjectId">The subject.</param>
    /// <param name="below">Only those of lower numbers; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Stops the wait.</param>
    public Task<List<PersonalRead>> ReadAsync(
        string tenant, Guid subjectId, long? below, int limit, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_read,
            r => new PersonalRead(r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1), r.GetString(2), r.GetString(3)),
            cancel, tenant, subjectId, LedgerDatabase.Typed(NpgsqlDbType.Bigint, below), limit);
}
