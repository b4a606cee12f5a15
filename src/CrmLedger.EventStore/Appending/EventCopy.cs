using Marten;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Appending;

/// <summary>The events of a large batch, written by COPY before its transaction commits.</summary>
internal sealed class EventCopy(string tenant, LogHead head, BatchPlan plan) : ITransactionParticipant
{
    private static readonly string s_copyEvents = Sql.Load("Appending/copy_events.sql");

    /// <inheritdoc />
    public async Task BeforeCommitAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken token)
    {
        await using var copy = await connection.BeginBinaryImportAsync(s_copyEvents, token);
        for (int i = 0; i < plan.Events.Count; i++)
        {
            var placed = plan.Events[i];
            await copy.StartRowAsync(token);
            await copy.WriteAsync(head.Size + i + 1, NpgsqlDbType.Bigint, token);
            await copy.WriteAsync(placed.Event.Id, NpgsqlDbType.Uuid, token);
            await copy.WriteAsync(placed.StreamId, NpgsqlDbType.Varchar, token);
            await copy.WriteAsync(placed.Version, NpgsqlDbType.Bigint, token);
            await copy.WriteAsync(placed.Event.DataUtf8, NpgsqlDbType.Jsonb, token);
            await copy.WriteAsync(placed.Type, NpgsqlDbType.Varchar, token);
            await copy.WriteAsync(plan.RecordedAt, NpgsqlDbType.TimestampTz, token);
            await copy.WriteAsync(tenant, NpgsqlDbType.Varchar, token);
            await copy.WriteAsync(LedgerEvents.ClrNameOf(placed.Event.Data.GetType()), NpgsqlDbType.Varchar, token);
            await WriteTextAsync(copy, placed.Event.CorrelationId, token);
            await WriteTextAsync(copy, placed.Event.CausationId, token);
            await copy.WriteAsync(placed.Event.HeadersUtf8, NpgsqlDbType.Jsonb, token);
            await copy.WriteAsync(false, NpgsqlDbType.Boolean, token);
        }
        await copy.CompleteAsync(token);
    }

    /// <inheritdoc />
    public Task AfterCommitAsync(CancellationToken token) => Task.CompletedTask;

    private static Task WriteTextAsync(NpgsqlBinaryImporter copy, string? text, CancellationToken cancel) =>
        text is null ? copy.WriteNullAsync(cancel) : copy.WriteAsync(text, NpgsqlDbType.Varchar, cancel);
}
