using CrmLedger.EventStore.Reading;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Verification;

/// <summary>A row of the log, hashed again, with what is wrong about it by itself.</summary>
/// <param name="Position">Its place in the log.</param>
/// <param name="RecordedAt">UTC.</param>
/// <param name="Leaf">The leaf that it hashes to; null when it cannot be hashed.</param>
/// <param name="Faults">What is wrong, a sentence each; null for nothing.</param>
internal sealed record VerifiedRow(
    long Position, DateTimeOffset RecordedAt, byte[]? Leaf, List<string>? Faults)
{
    /// <summary>How far ahead of the server's clock a client's may be; what claims more is not recorded.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(5);

    /// <summary>Reads the columns of read_log_for_verification.sql and hashes them.</summary>
    public static VerifiedRow Read(NpgsqlBinaryExporter copy, string tenant)
    {
        long position = copy.Read<long>(NpgsqlDbType.Bigint);
        string stream = copy.Read<string>(NpgsqlDbType.Varchar);
        long version = copy.Read<long>(NpgsqlDbType.Bigint);
        var id = copy.Read<Guid>(NpgsqlDbType.Uuid);
        string type = copy.Read<string>(NpgsqlDbType.Varchar);
        var recordedAt = copy.Read<DateTimeOffset>(NpgsqlDbType.TimestampTz);
        string? correlation = ReadText(copy);
        string? causation = ReadText(copy);
        byte[] headers = copy.Read<byte[]>(NpgsqlDbType.Jsonb);
        byte[] data = copy.Read<byte[]>(NpgsqlDbType.Jsonb);
        string clrName = copy.Read<string>(NpgsqlDbType.Varchar);
        bool isArchived = copy.Read<bool>(NpgsqlDbType.Boolean);
        bool hasBinaryData = copy.Read<bool>(NpgsqlDbType.Boolean);
        var stored = new StoredEvent(
            id, type, stream, version, position, recordedAt, [], data, headers, correlation, causation);
        List<string>? faults = null;
        void Fault(string fault) => (faults ??= []).Add(fault);
        byte[]? hashed = Hash(stored, tenant, Fault);
        if (LedgerEvents.RecordOf(type) is { } record)
        {
            if (LedgerEvents.ClrNameOf(record) is var expected && expected != clrName)
                Fault($"It is said to be a '{clrName}', and its type makes it a '{expected}'.");
        }
        else if (EventUpcasters.RecordOf(type) is null)
        {
            Fault($"Nobody knows its type '{type}'.");
        }
        if (isArchived)
            Fault("It is marked as archived.");
        if (hasBinaryData)
            Fault("It has binary data beside its own.");
        return new(position, recordedAt, hashed, faults);
    }

    private static byte[]? Hash(StoredEvent stored, string tenant, Action<string> fault)
    {
        try
        {
            if (stored.ReadOccurredAt() > stored.RecordedAt + s_ahead)
                fault("It says to have happened after it was recorded.");
            return stored.HashLeaf(tenant);
        }
        catch (Exception unreadable)
        {
            // Whoever altered it may have written anything: whatever goes wrong lies in the row itself.
            fault($"It cannot be read: {unreadable.Message}");
            return null;
        }
    }

    private static string? ReadText(NpgsqlBinaryExporter copy)
    {
        if (!copy.IsNull)
            return copy.Read<string>(NpgsqlDbType.Varchar);
        copy.Skip();
        return null;
    }
}
