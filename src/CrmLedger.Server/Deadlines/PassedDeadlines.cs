using System.Reflection;
using CrmLedger.Customers;
using CrmLedger.Deadlines;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Npgsql;

namespace CrmLedger.Server.Deadlines;

/// <summary>
/// Records the clock's verdict on every deadline that has passed with nothing said: exactly once, at the deadline's own
/// time. Several servers may do so at once: the decider refuses a second verdict, the stream's version lets only one of
/// two be written, and both would have the same id.
/// </summary>
public sealed class PassedDeadlines(
    LedgerDatabase database, TenantLedgers ledgers, ViewReader views, TimeProvider clock)
{
    private const int PieceDeadlines = 500;

    /// <summary>The source of the verdicts' ids.</summary>
    private const string Source = "urn:crmledger:clock";

    private static readonly string s_passed =
        Sql.Load("Deadlines/passed_deadlines.sql", Assembly.GetExecutingAssembly());

    private static readonly string s_tenants =
        Sql.Load("Deadlines/tenants_with_passed_deadlines.sql", Assembly.GetExecutingAssembly());

    private sealed record Passed(string Stream, string Key, DateTimeOffset Due);

    /// <summary>The tenants with deadlines that may have passed by now.</summary>
    /// <param name="connection">One that sees the rows of all tenants.</param>
    /// <param name="cancel">Stops the question.</param>
    public async Task<IReadOnlyList<string>> FindTenantsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(s_tenants, connection);
        command.Parameters.Add(new() { Value = LedgerJson.ToMicroseconds(clock.GetUtcNow()) });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<string>();
        while (await rows.ReadAsync(cancel))
            found.Add(rows.GetString(0));
        return found;
    }

    /// <summary>Records what has passed by now.</summary>
    /// <returns>How many verdicts were recorded.</returns>
    public async Task<int> RecordAsync(string tenant, CancellationToken cancel)
    {
        var now = LedgerJson.ToMicroseconds(clock.GetUtcNow());
        int recorded = 0;
        var last = new Passed("", "", DateTimeOffset.MinValue);
        while (true)
        {
            var piece = await database.QueryAsync(tenant, s_passed,
                r => new Passed(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2)), cancel,
                tenant, now, last.Due, last.Stream, last.Key, PieceDeadlines);
            if (piece.Count > 0)
            {
                var ledger = await ledgers.GetAsync(tenant);
                var positions = await Task.WhenAll(piece.Select(p => RecordAsync(ledger, p, cancel)));
                recorded += positions.Count(p => p is not null);
                // What was recorded is not read again as still to come.
                if (positions.Max() is { } position)
                {
                    await views.WaitAsync(
                        tenant, RelationshipsView.ViewName, position, new(now, null, true), cancel);
                }
            }
            if (piece.Count < PieceDeadlines)
                return recorded;
            last = piece[^1];
        }
    }

    /// <returns>The position of the verdict, or null when there was none to give.</returns>
    private static async Task<long?> RecordAsync(TenantLedger ledger, Passed passed, CancellationToken cancel)
    {
        var kind = StreamKind.Customer;
        var id = ClientEventId.Of(Source, $"{passed.Stream}/{passed.Key}/{LedgerJson.Format(passed.Due)}");
        var (_, outcome) = await ledger.WriteLoop.RunAsync(kind, passed.Stream, (stream, now) =>
        {
            object state = stream.Before.State;
            var (verdict, deadline) = ClockVerdict.On((CustomerStream)state, passed.Key);
            var at = now with { OccurredAt = passed.Due };
            // The view may be behind: what was said meanwhile stands in the stream.
            if (deadline != passed.Due
                || kind.Decide(state, View.IdOf(passed.Stream), verdict, at).Events is not [var said])
            {
                return stream;
            }
            return stream with
            {
                Events = [EventToAppend.Of(id, true, said, new("system", passed.Due, Source))],
                // The clock may have been set back since; recorded before its deadline, it would say nothing, and its
                // id would be used up.
                StandsAt = recordedAt => recordedAt > passed.Due,
            };
        }, cancel);
        // Where others kept writing to it, the next round tries again.
        return outcome is AppendOutcome.Appended done ? done.Events[0].Position : null;
    }
}
