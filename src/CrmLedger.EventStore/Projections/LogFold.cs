using System.Globalization;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Projections;

/// <summary>A log folded into a view, up to a position.</summary>
public sealed class FoldedLog
{
    internal FoldedLog(string tenant, StreamPart part, WhatCounts counts, ViewFold fold) =>
        (Tenant, Part, Counts, Fold) = (tenant, part, counts, fold);

    /// <summary>The rows.</summary>
    public ViewFold Fold { get; }

    /// <summary>The last position that was folded; -1 for none.</summary>
    public long Position { get; internal set; } = -1;

    /// <summary>The last position that it is being folded to.</summary>
    internal long Target { get; set; } = -1;

    /// <summary>The streams that could not be folded.</summary>
    public IReadOnlyCollection<QuarantinedStream> Quarantined => QuarantinedById.Values;

    internal string Tenant { get; }

    internal StreamPart Part { get; }

    internal WhatCounts Counts { get; }

    internal Dictionary<string, QuarantinedStream> QuarantinedById { get; } = new(StringComparer.Ordinal);

    /// <summary>Streams in which entries are annulled, read up to where it is being folded to.</summary>
    internal Dictionary<string, RefoldedStream> Refolded { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// Folds a view in memory from the log itself, which believes no stored row: piece by piece, in order, while the next
/// pieces are read by COPY and parsed on the other cores.
/// </summary>
public sealed class LogFold(LedgerDatabase database, EventReader reader)
{
    /// <summary>Events of the log that are read at a time; what the view skips among them costs little.</summary>
    private const long PieceEvents = 25_000;

    /// <summary>Streams with annulled entries that are kept: what is annulled is mostly close together.</summary>
    private const int MostRefolded = 64;

    /// <summary>Pieces that are read at a time; each takes a connection and a core of PostgreSQL's.</summary>
    private static readonly int s_readers = Math.Clamp(Environment.ProcessorCount, 1, 4);

    private static readonly string s_copyLog = Sql.Load("Projections/read_log_for_rebuild.sql");

    /// <summary>Folds the log up to a position.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="view">The view.</param>
    /// <param name="upTo">The last position, inclusive; -1 for none.</param>
    /// <param name="counts">What of what is known counts.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<FoldedLog> RunAsync(
        string tenant, View view, long upTo, WhatCounts counts, CancellationToken cancel)
    {
        var folded = Begin(tenant, view, StreamPart.Whole, counts);
        await ContinueAsync(folded, upTo, cancel);
        return folded;
    }

    /// <summary>A fold of some streams of the log into a view, which has read nothing yet.</summary>
    internal FoldedLog Begin(string tenant, View view, StreamPart part, WhatCounts counts)
    {
        FoldedLog? folded = null;
        return folded = new(tenant, part, counts, new(view,
            (stream, position) => ReadStream(folded!, stream, position)));
    }

    /// <summary>Folds on, up to a later position.</summary>
    public async Task ContinueAsync(FoldedLog folded, long upTo, CancellationToken cancel)
    {
        var (tenant, view) = (folded.Tenant, folded.Fold.View);
        folded.Target = Math.Max(folded.Position, upTo);
        folded.Refolded.Clear();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ahead = new Queue<Task<List<ReadEvent>>>();
        try
        {
            for (long next = folded.Position + 1; next <= upTo || ahead.Count > 0;)
            {
                for (; next <= upTo && ahead.Count < s_readers; next += PieceEvents)
                {
                    var (first, last) = (next, Math.Min(upTo, next + PieceEvents - 1));
                    ahead.Enqueue(Task.Run(
                        () => ReadPieceAsync(tenant, view, folded.Part, first, last, ending.Token), cancel));
                }
                foreach (var e in await ahead.Dequeue())
                    Apply(folded, e);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(ahead)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        folded.Position = folded.Target;
    }

    private static void Apply(FoldedLog folded, ReadEvent e)
    {
        if (!folded.QuarantinedById.ContainsKey(e.Stream) && e.CountsIn(folded.Counts)
            && e.TryApply(folded.Fold) is { } poison)
        {
            folded.QuarantinedById[e.Stream] = new(e.Stream, e.Position, poison.Message);
        }
    }

    private async Task<List<ReadEvent>> ReadPieceAsync(
        string tenant, View view, StreamPart part, long first, long last, CancellationToken cancel)
    {
        if (!TenantDirectory.IsName(tenant))
            throw new ArgumentException($"'{tenant}' is not a tenant's name.", nameof(tenant));
        string skipped = string.Join(',', view.Skipped.Order(StringComparer.Ordinal));
        string sql = string.Format(
            CultureInfo.InvariantCulture, s_copyLog, first, last, $"'{tenant}'", $"'{{{skipped}}}'", part.Index,
            part.Of);
        await using var connection = await database.Loader.OpenConnectionAsync(cancel);
        await using var copy = await connection.BeginBinaryExportAsync(sql, cancel);
        var piece = new List<ReadEvent>();
        while (await copy.StartRowAsync(cancel) != -1)
        {
            var read = new ReadEvent(ReadRow(copy));
            read.Parse();
            piece.Add(read);
        }
        return piece;
    }

    /// <summary>
    /// Rare, and asked from within a fold, which is not asynchronous: only where an entry was annulled.
    /// </summary>
    private IReadOnlyList<Envelope> ReadStream(FoldedLog folded, string stream, long position)
    {
        if (!folded.Refolded.TryGetValue(stream, out var refolded))
        {
            if (folded.Refolded.Count >= MostRefolded)
                folded.Refolded.Clear();
            var stored = reader.ReadStreamAsync(
                folded.Tenant, stream, new(Position: folded.Target), CancellationToken.None).GetAwaiter().GetResult();
            folded.Refolded[stream] = refolded = new(stored, folded.Fold.View.Skipped);
        }
        var known = refolded.UpTo(position);
        return folded.Counts == WhatCounts.Everything ? known : [.. known.Where(folded.Counts.Takes)];
    }

    /// <summary>From the buffer, mostly: to await each column would cost more than reading it.</summary>
    private static StoredEvent ReadRow(NpgsqlBinaryExporter copy)
    {
        long position = copy.Read<long>(NpgsqlDbType.Bigint);
        return new(
            Stream: copy.Read<string>(NpgsqlDbType.Varchar),
            Version: copy.Read<long>(NpgsqlDbType.Bigint),
            Id: copy.Read<Guid>(NpgsqlDbType.Uuid),
            Type: copy.Read<string>(NpgsqlDbType.Varchar),
            RecordedAt: copy.Read<DateTimeOffset>(NpgsqlDbType.TimestampTz),
            Data: copy.Read<byte[]>(NpgsqlDbType.Jsonb),
            Headers: copy.Read<byte[]>(NpgsqlDbType.Jsonb),
            Position: position, LeafHash: [], CorrelationId: null, CausationId: null);
    }
}
