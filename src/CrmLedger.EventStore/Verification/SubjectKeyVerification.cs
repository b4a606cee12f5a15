using System.Security.Cryptography;
using CrmLedger.EventStore.Privacy;
using Npgsql;

namespace CrmLedger.EventStore.Verification;

/// <summary>
/// Holds the keys of one tenant's subjects against its log: who came into it has a key that opens, unless the log says
/// that the subject was erased, and then has none. Keys are read one after the other, and none is kept.
/// </summary>
internal sealed class SubjectKeyVerification(
    LedgerDatabase database, string tenant, TenantKeys? keys, Findings findings)
{
    private static readonly string s_wrong = Sql.Load("Verification/read_wrong_subject_keys.sql");
    private static readonly string s_keys = Sql.Load("Verification/read_subject_keys_for_verification.sql");

    /// <summary>Verifies.</summary>
    /// <returns>How many keys there are.</returns>
    public async Task<long> RunAsync(CancellationToken cancel)
    {
        await ReadAsync(s_wrong, r => findings.Note(
            FindingKind.SubjectKey, $"key of {r.GetString(0)}",
            FaultOf(isHeld: r.GetBoolean(1), isSaid: r.GetBoolean(2), isListed: r.GetBoolean(3))), cancel,
            tenant, Findings.Most);
        long count = 0;
        if (keys is not null)
        {
            await ReadAsync(s_keys, r =>
            {
                count++;
                Check(r.GetGuid(0), new(r.GetInt32(2), r.GetFieldValue<byte[]>(1)));
            }, cancel, tenant);
        }
        return count;
    }

    private void Check(Guid subjectId, WrappedKey wrapped)
    {
        try
        {
            keys!.Wrapping.Unwrap(wrapped, SubjectKeys.LabelOf(tenant, subjectId));
        }
        catch (CryptographicException altered)
        {
            findings.Note(FindingKind.SubjectKey, $"key of subject {subjectId:D}",
                $"It cannot be opened, and what was sealed with it cannot be read: {altered.Message}");
        }
    }

    private static string FaultOf(bool isHeld, bool isSaid, bool isListed) => (isHeld, isSaid, isListed) switch
    {
        (true, true, _) => "It is there, and the subject was erased.",
        (_, false, true) => "The subject is listed as erased, and no event says so.",
        (_, true, false) => "An event says that the subject was erased, who is not listed as erased.",
        (true, false, false) => "It is nobody's: no stream is of this subject.",
        _ => "It is missing, and no event says that the subject was erased: personal text cannot be read.",
    };

    /// <summary>The loader reads no keys: this asks as the server, and waits for as long as it takes.</summary>
    private async Task ReadAsync(
        string sql, Action<NpgsqlDataReader> take, CancellationToken cancel, params object?[] parameters)
    {
        await using var connection = await database.Server.OpenConnectionAsync(cancel);
        await using var batch = LedgerDatabase.ForTenant(connection, tenant, sql, parameters);
        batch.Timeout = 0;
        await using var reader = await LedgerDatabase.ReadAsync(batch, cancel);
        while (await reader.ReadAsync(cancel))
            take(reader);
    }
}
