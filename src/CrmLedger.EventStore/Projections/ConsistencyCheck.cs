using System.Data;
using System.Diagnostics;
using System.Text;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using Npgsql;

namespace CrmLedger.EventStore.Projections;

/// <summary>How a stored row differs from what the log gives.</summary>
public enum DifferenceKind
{
    /// <summary>The log gives a row that is not stored.</summary>
    Missing,

    /// <summary>A row is stored that the log does not give.</summary>
    Unexpected,

    /// <summary>A stored row says something else.</summary>
    Altered,
}

/// <summary>A row that is not what the log gives.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Stream">The stream that it is of.</param>
/// <param name="Key">Its key within the stream; empty where a stream has one row.</param>
/// <param name="ValidFrom">The position from which it is true; null for a stream that is set aside or is not.</param>
/// <param name="Columns">What of it differs; <c>quarantine</c> for a stream that is set aside or is not.</param>
/// <param name="Stored">The row as it is stored, JSON; null when it is missing.</param>
/// <param name="Folded">The row as the log gives it, JSON; null when it is unexpected.</param>
public sealed record RowDifference(
    DifferenceKind Kind, string Stream, string Key, long? ValidFrom, IReadOnlyList<string> Columns, string? Stored,
    string? Folded);

/// <summary>What a consistency check came to.</summary>
/// <param name="View">The view.</param>
/// <param name="Generation">The generation that was compared.</param>
/// <param name="Position">The last position that it reflects.</param>
/// <param name="Rows">Stored rows that were compared, ended ones included.</param>
/// <param name="Differences">How many differ; 0 is as it should be.</param>
/// <param name="Items">The first hundred of them.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record ConsistencyCheckResult(
    string View, int Generation, long Position, long Rows, long Differences, IReadOnlyList<RowDifference> Items,
    double Seconds);

/// <summary>
/// Makes a view again from the log, aside and in memory, and compares it with the stored rows, version by version and
/// column by column. It changes nothing and keeps nobody waiting.
/// </summary>
public sealed class ConsistencyCheck(LedgerDatabase database, EventReader reader)
{
    private const int MostItems = 100;
    private const int FewEvents = 1_000;
    private static readonly string s_rows = Sql.Load("Projections/read_rows_to_check.sql");

    /// <summary>Checks, through some of the streams after others.</summary>
    public async Task<ConsistencyCheckResult> RunAsync(string tenant, View view, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        await using var connection = await database.Loader.OpenConnectionAsync(cancel);
        var store = new ViewStore(connection, tenant, view);
        var differences = new Differences(view);
        var state = await store.StateAsync(cancel);
        foreach (var part in StreamPart.Split(state.Position + 1))
            state = await CompareAsync(connection, store, tenant, view, part, differences, cancel);
        return new(view.Name, state.Generation, state.Position, differences.Rows, differences.Count, differences.Items,
            Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<ViewState> CompareAsync(
        NpgsqlConnection connection, ViewStore store, string tenant, View view, StreamPart part,
        Differences differences, CancellationToken cancel)
    {
        var log = new LogFold(database, reader);
        var folded = log.Begin(tenant, view, part, WhatCounts.Everything);
        long position;
        while ((position = (await store.StateAsync(cancel)).Position) - folded.Position > FewEvents)
            await log.ContinueAsync(folded, position, cancel);
        // The rest is folded while all is seen as it stood at one moment, which must not last.
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var state = await store.StateAsync(cancel);
        await log.ContinueAsync(folded, state.Position, cancel);
        differences.Expect(folded.Fold);
        await using (var command = new NpgsqlCommand(s_rows, connection))
        {
            foreach (object value in (object[])[tenant, view.Name, state.Generation, part.Index, part.Of])
                command.Parameters.Add(new() { Value = value });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
                differences.Compare(rows);
        }
        differences.EndRows();
        differences.Compare(
            await store.QuarantineAsync(state.Generation, part, cancel), folded.Quarantined);
        return state;
    }

    /// <summary>Compares stored rows, in any order, with folded ones.</summary>
    private sealed class Differences(View view)
    {
        private Dictionary<(string Stream, string Key, long ValidFrom), ViewRow> _folded = [];

        public List<RowDifference> Items { get; } = [];

        public long Count { get; private set; }

        public long Rows { get; private set; }

        /// <summary>The rows that are to come.</summary>
        public void Expect(ViewFold fold) => _folded =
            fold.Ended.Concat(fold.Standing()).ToDictionary(r => (r.StreamId, r.Key, r.ValidFrom));

        public void Compare(NpgsqlDataReader stored)
        {
            Rows++;
            var (stream, key, validFrom) = (stored.GetString(0), stored.GetString(1), stored.GetInt64(2));
            byte[] row = stored.GetFieldValue<byte[]>(7);
            if (!_folded.Remove((stream, key, validFrom), out var expected))
            {
                Note(DifferenceKind.Unexpected, stream, key, validFrom, [], row, null);
                return;
            }
            byte[] folded = view.Write(expected.Row);
            var index = view.IndexOf(expected.Row);
            var columns = new List<string>();
            Note(columns, "valid_to", Equals(ValueOf<long>(stored, 3), expected.ValidTo));
            Note(columns, "due", Equals(ValueOf<DateTimeOffset>(stored, 4), index.Due));
            Note(columns, "member_id", Equals(ValueOf<Guid>(stored, 5), index.MemberId));
            Note(columns, "team", (stored.IsDBNull(6) ? null : stored.GetString(6)) == index.Team);
            Note(columns, "row", row.AsSpan().SequenceEqual(folded));
            byte[]? summary = stored.IsDBNull(8) ? null : stored.GetFieldValue<byte[]>(8);
            Note(columns, "summary", Same(summary, view.Summarize(expected.Row)));
            if (columns.Count > 0)
                Note(DifferenceKind.Altered, stream, key, validFrom, columns, row, folded);
        }

        public void EndRows()
        {
            foreach (var row in _folded.Values.OrderBy(r => r.ValidFrom))
            {
                Note(DifferenceKind.Missing, row.StreamId, row.Key, row.ValidFrom, [], null,
                    Count < MostItems ? view.Write(row.Row) : null);
            }
        }

        public void Compare(
            IReadOnlyCollection<QuarantinedStream> stored, IReadOnlyCollection<QuarantinedStream> folded)
        {
            foreach (var one in stored.ExceptBy(folded.Select(PlaceOf), PlaceOf))
                Note(DifferenceKind.Unexpected, one.StreamId, "", null, ["quarantine"], null, null);
            foreach (var one in folded.ExceptBy(stored.Select(PlaceOf), PlaceOf))
                Note(DifferenceKind.Missing, one.StreamId, "", null, ["quarantine"], null, null);
        }

        private static (string, long) PlaceOf(QuarantinedStream one) => (one.StreamId, one.Position);

        private static T? ValueOf<T>(NpgsqlDataReader stored, int column)
            where T : struct =>
            stored.IsDBNull(column) ? null : stored.GetFieldValue<T>(column);

        private static bool Same(byte[]? one, byte[]? other) =>
            one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

        private static void Note(List<string> columns, string column, bool same)
        {
            if (!same)
                columns.Add(column);
        }

        private void Note(
            DifferenceKind kind, string stream, string key, long? validFrom, IReadOnlyList<string> columns,
            byte[]? stored, byte[]? folded)
        {
            if (Count++ < MostItems)
                Items.Add(new(kind, stream, key, validFrom, columns, Text(stored), Text(folded)));
        }

        private static string? Text(byte[]? utf8) => utf8 is null ? null : Encoding.UTF8.GetString(utf8);
    }
}
