using System.Text;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Reading;
using CrmLedger.Promises;
using CrmLedger.Transparency;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>What a bundle is to hold.</summary>
/// <param name="Tenant">Whose log.</param>
/// <param name="Scope">What it is about.</param>
/// <param name="Checkpoint">The signed tree that it leads to.</param>
/// <param name="Keys">The log's keys.</param>
/// <param name="Statements">Signed notes about the log that it is evidence for.</param>
/// <param name="Through">Sizes, below the checkpoint's, whose roots it lets follow as well.</param>
public sealed record EvidenceOrder(
    string Tenant, EvidenceScope Scope, SignedCheckpoint Checkpoint, IReadOnlyList<VerifierKey> Keys,
    IReadOnlyList<SignedNote> Statements, IReadOnlyList<long> Through);

/// <summary>Writes bundles of evidence; see <see cref="EvidenceWalk" /> for their lines.</summary>
public sealed class EvidenceBundle(EventReader reader, StoredTree tree)
{
    private const int PageEvents = 2_000;

    /// <summary>Writes one.</summary>
    /// <param name="order">What is asked for.</param>
    /// <param name="to">Where to; is flushed and stays open.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task WriteAsync(EvidenceOrder order, Stream to, CancellationToken cancel)
    {
        long size = order.Checkpoint.Checkpoint.Size;
        await LineAsync(to, EvidenceWalk.Header, cancel);
        await LineAsync(to, $"about {order.Scope.Text}", cancel);
        foreach (var key in order.Keys)
            await LineAsync(to, $"key {key}", cancel);
        foreach (var statement in order.Statements)
            await LineAsync(to, $"statement {Convert.ToBase64String(statement.ToUtf8())}", cancel);
        await LineAsync(to, $"checkpoint {Convert.ToBase64String(order.Checkpoint.ToUtf8())}", cancel);
        long next = 0;
        await foreach (var stored in EventsAsync(order, size, cancel))
        {
            await GapAsync(order, next, stored.Position, to, cancel);
            await to.WriteAsync("event "u8.ToArray(), cancel);
            await to.WriteAsync(stored.ToEntry(order.Tenant).ToCanonicalUtf8(), cancel);
            await to.WriteAsync("\n"u8.ToArray(), cancel);
            next = stored.Position + 1;
        }
        await GapAsync(order, next, size, to, cancel);
        await to.FlushAsync(cancel);
    }

    private IAsyncEnumerable<StoredEvent> EventsAsync(EvidenceOrder order, long size, CancellationToken cancel) =>
        order.Scope switch
        {
            EvidenceScope.WholeLog => LogAsync(order.Tenant, 0, size, cancel),
            EvidenceScope.Positions p => LogAsync(order.Tenant, p.First, Math.Min(p.End, size), cancel),
            EvidenceScope.Streams s => StreamsAsync(order.Tenant, s.Names, size, cancel),
            EvidenceScope.Promise p => PromiseAsync(order.Tenant, p, size, cancel),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private async IAsyncEnumerable<StoredEvent> LogAsync(
        string tenant, long first, long end, [System.Runtime.CompilerServices.EnumeratorCancellation]
        CancellationToken cancel)
    {
        for (long next = first; next < end;)
        {
            var page = await reader.ReadLogAsync(tenant, next - 1, (int)Math.Min(PageEvents, end - next), cancel);
            if (page.Count == 0)
                throw new InvalidDataException($"The event at {next} of tenant '{tenant}' is missing.");
            foreach (var stored in page)
                yield return stored;
            next = page[^1].Position + 1;
        }
    }

    private async IAsyncEnumerable<StoredEvent> StreamsAsync(
        string tenant, IReadOnlyList<string> names, long size, [System.Runtime.CompilerServices.EnumeratorCancellation]
        CancellationToken cancel)
    {
        var stored = await reader.ReadStreamsAsync(tenant, [.. names], size - 1, cancel);
        foreach (var one in stored.OrderBy(e => e.Position))
            yield return one;
    }

    private async IAsyncEnumerable<StoredEvent> PromiseAsync(
        string tenant, EvidenceScope.Promise promise, long size,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var ids = new HashSet<Guid>();
        await foreach (var stored in StreamsAsync(tenant, [promise.Stream], size, cancel))
        {
            bool isOfIt = stored.ToEnvelope().Data switch
            {
                IPromiseEvent e => e.PromiseId == promise.PromiseId,
                EntryAnnulled e => ids.Contains(e.EventId),
                _ => false,
            };
            if (!isOfIt)
                continue;
            ids.Add(stored.Id);
            yield return stored;
        }
    }

    /// <summary>What is not shown of the tree from one event to another.</summary>
    private async Task GapAsync(EvidenceOrder order, long first, long end, Stream to, CancellationToken cancel)
    {
        if (first == end)
            return;
        var subtrees = new List<(int Height, long Index)>();
        foreach (long stop in order.Through.Where(size => size > first && size < end).Append(end).Distinct().Order())
        {
            subtrees.AddRange(TreeFrontier.Cover(first, stop));
            first = stop;
        }
        byte[][] hashes = await tree.ComputeAsync<byte[][]>(
            order.Tenant, read => [.. subtrees.Select(s => TileTree.Node(s.Height, s.Index, read))], cancel);
        foreach (var ((height, _), hash) in subtrees.Zip(hashes))
            await LineAsync(to, $"node {height} {Convert.ToBase64String(hash)}", cancel);
    }

    private static async Task LineAsync(Stream to, string line, CancellationToken cancel) =>
        await to.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancel);
}
