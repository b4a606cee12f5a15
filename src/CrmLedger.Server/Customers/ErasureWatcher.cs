using System.Collections.Concurrent;
using CrmLedger.Customers;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Projections;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Customers;

/// <summary>
/// Sees to it that who was erased stays erased, whatever backup the database is restored from: before the server
/// answers anybody, and every two seconds from then on, database and journal are made to name the same people. Keys
/// that have come back are destroyed again at once; the events that say so are recorded again once the log takes any.
/// </summary>
public sealed class ErasureWatcher(
    LedgerDatabase database, TenantDirectory tenants, TenantLedgers ledgers, ErasedSubjects erased,
    ErasureJournal journal, LedgerNotifications notices, ILogger<ErasureWatcher> log)
    : BackgroundService
{
    private const string Source = "crmledger/erasures";
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(2);

    /// <summary>By tenant, erased customers of whom the log does not say so yet.</summary>
    private readonly ConcurrentDictionary<string, List<ErasedSubject>> _unrecorded = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        notices.Erased += Forget;
        foreach (string tenant in await tenants.ListAsync(cancellationToken))
            await ReconcileAsync(tenant, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // One question for all: that the database has forgotten any shows in their number.
                foreach (var (tenant, known) in await erased.CountAllAsync(stoppingToken))
                    await LookAsync(tenant, known, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("Watching erasures was interrupted: {Reason}", interrupted.Message);
            }
            await Task.Delay(s_round, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Forget(string tenant, Guid subjectId) => ledgers.FindOpen(tenant)?.Subjects.Forget(subjectId);

    private async Task LookAsync(string tenant, long known, CancellationToken cancel)
    {
        try
        {
            await RecordForgottenAsync(tenant, known, cancel);
        }
        catch (LogStoppedException)
        {
            // The keys are gone already; the log says so once an operator lets it go on.
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("The erasures of {Tenant} were not seen to: {Reason}", tenant, failure.Message);
        }
    }

    private async Task RecordForgottenAsync(string tenant, long known, CancellationToken cancel)
    {
        bool isNew = !_unrecorded.TryGetValue(tenant, out var unrecorded);
        if (isNew || (journal.IsKept && known != journal.Read(tenant).Count))
            unrecorded = await ReconcileAsync(tenant, cancel);
        if (unrecorded!.Count == 0 || database.Reserve.IsReached)
            return;
        var ledger = await ledgers.GetAsync(tenant);
        foreach (var subject in unrecorded.ToList())
        {
            if (await RecordAgainAsync(ledger, subject, cancel))
                unrecorded.Remove(subject);
        }
    }

    /// <summary>Makes database and journal name the same people, and destroys what came back of their keys.</summary>
    /// <returns>Those of whom the log does not say so.</returns>
    private async Task<List<ErasedSubject>> ReconcileAsync(string tenant, CancellationToken cancel)
    {
        var there = await erased.ReadAsync(tenant, cancel);
        var forgotten = journal.Read(tenant).ExceptBy(there.Select(e => e.SubjectId), e => e.SubjectId).ToList();
        if (forgotten.Count > 0)
        {
            await erased.WriteAsync(tenant, forgotten, cancel);
            log.LogWarning("The database of {Tenant} had forgotten {Count} erasures: it was restored from an older "
                + "backup. They were made again", tenant, forgotten.Count);
        }
        if (await erased.DestroyKeysAsync(tenant, cancel) is > 0 and var keys)
        {
            log.LogWarning(
                "{Count} keys of erased subjects of {Tenant} had come back and were destroyed", keys, tenant);
        }
        forgotten.ForEach(e => Forget(tenant, e.SubjectId));
        journal.Add(tenant, there);
        return _unrecorded[tenant] = await erased.ReadUnrecordedAsync(tenant, cancel);
    }

    /// <returns>Whether the log says so now.</returns>
    private async Task<bool> RecordAgainAsync(TenantLedger ledger, ErasedSubject subject, CancellationToken cancel)
    {
        string streamId = StreamKind.Customer.StreamId(subject.SubjectId);
        ledger.States.Forget(streamId); // it may tell of what the log has forgotten
        var (write, outcome) = await ledger.WriteLoop.RunAsync(StreamKind.Customer, streamId, (stream, now) =>
        {
            var customer = ((CustomerStream)stream.Before.State).Customer;
            if (CustomerDecider.ForgottenErasure(customer, subject.Basis) is not { } happened)
                return stream;
            var erasedAt = subject.ErasedAt < now.OccurredAt ? subject.ErasedAt : now.OccurredAt;
            var id = ClientEventId.Of(Source, $"{subject.SubjectId:D}");
            return stream with { Events = [EventToAppend.Of(id, true, happened, new("system", erasedAt, Source))] };
        }, cancel);
        if (outcome is AppendOutcome.Appended)
            log.LogWarning("The erasure of {Stream} of {Tenant} was recorded again", streamId, ledger.Tenant);
        return write.Refusal is null;
    }
}
