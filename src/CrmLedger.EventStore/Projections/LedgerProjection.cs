using Marten;
using Marten.Events.Projections;
using Npgsql;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// All views as one projection of Marten's daemon: a page of events is read and parsed once for all of them, and their
/// rows commit together with the daemon's own progress.
/// </summary>
internal sealed class LedgerProjection(LedgerDatabase database, ProjectionStep step) : IProjection
{
    /// <summary>Its name; the daemon keeps its progress by tenant as <c>ledger-views:All:{tenant}</c>.</summary>
    public const string Name = "ledger-views";

    /// <inheritdoc />
    public Task ApplyAsync(
        IDocumentOperations operations, IReadOnlyList<JasperFx.Events.IEvent> events, CancellationToken cancellation)
    {
        database.Reserve.Require();
        var page = events.Select(e => new ReadEvent(e)).ToList();
        ((ITransactionParticipantRegistrar)operations)
            .AddTransactionParticipant(new Page(step, operations.TenantId, page));
        return Task.CompletedTask;
    }

    private sealed class Page(ProjectionStep step, string tenant, List<ReadEvent> events) : ITransactionParticipant
    {
        public Task BeforeCommitAsync(
            NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken token) =>
            step.FoldPageAsync(connection, tenant, events, token);

        public Task AfterCommitAsync(CancellationToken token) => Task.CompletedTask;
    }
}
