using CrmLedger.EventStore.Appending;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Privacy;

/// <summary>A subject whose data key was destroyed.</summary>
/// <param name="SubjectId">Who.</param>
/// <param name="ErasedAt">When it was recorded first, UTC.</param>
/// <param name="Basis">On what ground; no personal data.</param>
public sealed record ErasedSubject(Guid SubjectId, DateTimeOffset ErasedAt, string Basis);

/// <summary>
/// Who was erased, as the database knows it. To write a subject there destroys its key; the database itself sees to
/// that, whoever writes.
/// </summary>
public sealed class ErasedSubjects(LedgerDatabase database)
{
    private static readonly string s_write = Sql.Load("Privacy/write_erased_subjects.sql");
    private static readonly string[] s_writeText = LedgerOperation.Text(s_write);
    private static readonly string s_count = Sql.Load("Privacy/count_erased_subjects.sql");
    private static readonly string s_countAll = Sql.Load("Privacy/count_all_erased_subjects.sql");
    private static readonly string s_holds = Sql.Load("Privacy/is_erased_subject.sql");
    private static readonly string s_read = Sql.Load("Privacy/read_erased_subjects.sql");
    private static readonly string s_destroy = Sql.Load("Privacy/destroy_returned_keys.sql");
    private static readonly string s_unrecorded = Sql.Load("Privacy/read_unrecorded_erasures.sql");

    /// <summary>Writes subjects, and destroys their keys; for a transaction with the events that say so.</summary>
    internal static LedgerWrite Write(string tenant, IReadOnlyCollection<ErasedSubject> erased) =>
        new(s_writeText, Parameters(tenant, erased));

    /// <summary>Writes subjects, and destroys their keys; those that are there already stay as they are.</summary>
    public Task WriteAsync(string tenant, IReadOnlyCollection<ErasedSubject> erased, CancellationToken cancel) =>
        database.ExecuteAsync(tenant, s_write, cancel, Parameters(tenant, erased));

    /// <summary>How many they are; the number rises with every erasure and falls only with an older database.</summary>
    public async Task<long> CountAsync(string tenant, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_count, r => r.GetInt64(0), cancel, tenant))[0];

    /// <summary>The same for every tenant there is.</summary>
    public async Task<Dictionary<string, long>> CountAllAsync(CancellationToken cancel)
    {
        await using var command = database.Loader.CreateCommand(s_countAll);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancel))
            counts[rows.GetString(0)] = rows.GetInt64(1);
        return counts;
    }

    /// <summary>Whether a subject is among them.</summary>
    public async Task<bool> HoldsAsync(string tenant, Guid subjectId, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_holds, r => r.GetBoolean(0), cancel, tenant, subjectId))[0];

    /// <summary>All of them.</summary>
    public Task<List<ErasedSubject>> ReadAsync(string tenant, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_read, Read, cancel, tenant);

    /// <summary>Those of whom the log does not say that they were erased: it was set back.</summary>
    public Task<List<ErasedSubject>> ReadUnrecordedAsync(string tenant, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_unrecorded, Read, cancel, tenant);

    /// <summary>Destroys keys of erased subjects that came back with a backup, and answers how many.</summary>
    public async Task<long> DestroyKeysAsync(string tenant, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_destroy, r => r.GetInt64(0), cancel, tenant))[0];

    private static ErasedSubject Read(NpgsqlDataReader r) =>
        new(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1), r.GetString(2));

    private static NpgsqlParameter[] Parameters(string tenant, IReadOnlyCollection<ErasedSubject> erased) =>
    [
        LedgerDatabase.Typed(NpgsqlDbType.Varchar, tenant),
        LedgerDatabase.Typed(NpgsqlDbType.Array | NpgsqlDbType.Uuid, erased.Select(e => e.SubjectId).ToArray()),
        LedgerDatabase.Typed(
            NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, erased.Select(e => e.ErasedAt).ToArray()),
        LedgerDatabase.Typed(NpgsqlDbType.Array | NpgsqlDbType.Varchar, erased.Select(e => e.Basis).ToArray()),
    ];
}
