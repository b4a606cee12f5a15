using System.Collections.Concurrent;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Checkpoints;

/// <summary>
/// Signs what a tenant's log has committed (C2SP tlog-checkpoint), after it has seen that it continues what was signed
/// before, here and outside the database.
/// </summary>
/// <remarks>
/// A new checkpoint is kept outside first and then inside, and is given to nobody before both: whichever of
/// the two is lost, there is one root for each size, since the head that it is of is committed and a signature by one
/// key over one text is always the same bytes. Whoever loses both has nothing left to see it by.
/// </remarks>
public sealed class CheckpointSigner(LedgerDatabase database, LogKeys logKeys, StoredTree tree, OutsideCopy outside)
{
    private static readonly string s_read = Sql.Load("Checkpoints/read_last_checkpoint.sql");
    private static readonly string s_write = Sql.Load("Checkpoints/write_checkpoint.sql");

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>The tenants whose tiles have led to what was signed since this process began.</summary>
    private readonly ConcurrentDictionary<string, bool> _checked = new(StringComparer.Ordinal);

    private sealed record Head(long Size, byte[] Root, byte[]? Note);

    /// <summary>What was signed before, here and outside, and the head that it is to lead to.</summary>
    private sealed record Known(
        IReadOnlyList<LogKey> Keys, Head Head, SignedCheckpoint? Inside, SignedCheckpoint? Kept);

    /// <summary>The checkpoint of the log as it stands; signs it where that was not done.</summary>
    /// <exception cref="LogStoppedException">The log does not continue what was signed.</exception>
    public Task<SignedCheckpoint> SignAsync(TenantKeys keys, CancellationToken cancel) => InTurnAsync(keys.Tenant,
        async () => await SignAsync(keys.Tenant, await KnownAsync(
            keys.Tenant, await logKeys.ReadOrMakeAsync(keys, cancel), cancel), cancel), cancel);

    /// <summary>Sees whether the log continues what was signed, and writes nothing.</summary>
    /// <returns>How large it is.</returns>
    /// <exception cref="LogStoppedException">It does not.</exception>
    public Task<long> CheckAsync(TenantKeys keys, CancellationToken cancel) => InTurnAsync(keys.Tenant, async () =>
    {
        var known = await KnownAsync(keys.Tenant, await logKeys.ListAsync(keys, cancel), cancel);
        await CheckAsync(keys.Tenant, known, cancel);
        return known.Head.Size;
    }, cancel);

    private async Task<T> InTurnAsync<T>(string tenant, Func<Task<T>> work, CancellationToken cancel)
    {
        var turn = _turns.GetOrAdd(tenant, _ => new(1, 1));
        await turn.WaitAsync(cancel);
        try
        {
            return await work();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>
    /// What was signed before is read before the head, which is not behind it unless it was set back.
    /// </summary>
    private async Task<Known> KnownAsync(string tenant, IReadOnlyList<LogKey> keys, CancellationToken cancel)
    {
        var kept = Kept(tenant, keys);
        var head = (await database.QueryAsync(tenant, s_read, r => new Head(r.GetInt64(0),
            r.GetFieldValue<byte[]>(1), r.IsDBNull(2) ? null : r.GetFieldValue<byte[]>(2)), cancel,
            tenant, keys is [.., var last] ? last.Origin : ""))[0];
        return new(keys, head, head.Note is null ? null : Parsed(head.Note, keys, "the database"), kept);
    }

    private async Task<SignedCheckpoint> SignAsync(string tenant, Known known, CancellationToken cancel)
    {
        var (keys, head, inside, kept) = known;
        if (_checked.ContainsKey(tenant) && IsOf(head, inside) && (IsOf(head, kept) || !outside.IsKept))
            return inside!; // nothing has been recorded since
        await CheckAsync(tenant, known, cancel);
        var signed = inside?.Checkpoint.Size == head.Size
            ? inside
            : SignedCheckpoint.Sign(new Checkpoint(keys[^1].Origin, head.Size, head.Root), keys[^1].Signer);
        if (kept?.Checkpoint.Size != head.Size)
            outside.Write(tenant, signed);
        if (!ReferenceEquals(signed, inside))
        {
            await database.ExecuteAsync(
                tenant, s_write, cancel, tenant, keys[^1].Origin, head.Size, head.Root, signed.ToUtf8());
        }
        return signed;
    }

    private static bool IsOf(Head head, SignedCheckpoint? signed) =>
        signed?.Checkpoint.Size == head.Size && signed.Checkpoint.Root.AsSpan().SequenceEqual(head.Root);

    /// <summary>What is kept outside, unless a new origin has been declared since.</summary>
    private SignedCheckpoint? Kept(string tenant, IReadOnlyList<LogKey> all)
    {
        if (outside.Read(tenant) is not { } kept)
            return null;
        string origin = kept.Checkpoint.Origin;
        if (all.All(k => k.Origin != origin && k.Supersedes != origin))
        {
            throw new LogStoppedException($"A checkpoint of the log '{origin}' is kept outside, and the database has "
                + "never heard of that log: it is another database, or an older copy." + WayOut);
        }
        return origin == all[^1].Origin ? Checked(kept, all, "the data folder") : null;
    }

    private async Task CheckAsync(string tenant, Known known, CancellationToken cancel)
    {
        _checked.TryRemove(tenant, out _);
        var head = known.Head;
        SignedCheckpoint?[] signed = [known.Inside, known.Kept];
        foreach (var one in signed.OfType<SignedCheckpoint>().Where(s => s.Checkpoint.Size > head.Size))
        {
            throw new LogStoppedException($"The log has {head.Size} events, and {one.Checkpoint.Size} were signed: "
                + "the database is behind." + WayOut);
        }
        var roots = await RootsAsync(tenant, [head.Size, .. signed.Select(s => s?.Checkpoint.Size ?? 0)], cancel);
        if (!roots[0].AsSpan().SequenceEqual(head.Root))
        {
            throw new LogStoppedException($"The tiles of the log do not lead to its root at {head.Size}: one of them "
                + "was altered. Nothing is recorded until the right database is back; no new origin mends this.");
        }
        foreach (var (one, root) in signed.Zip(roots.Skip(1)))
        {
            if (one is not null && !root.AsSpan().SequenceEqual(one.Checkpoint.Root))
            {
                throw new LogStoppedException($"The log's first {one.Checkpoint.Size} events are not those that were "
                    + "signed: the database holds another history." + WayOut);
            }
        }
        _checked[tenant] = true;
    }

    private async Task<byte[][]> RootsAsync(string tenant, long[] sizes, CancellationToken cancel)
    {
        try
        {
            return await tree.ComputeAsync<byte[][]>(
                tenant, read => [.. sizes.Select(size => TileTree.Root(size, read))], cancel);
        }
        catch (InvalidDataException missing)
        {
            throw new LogStoppedException(
                missing.Message + " Nothing is recorded until the right database is back.", missing);
        }
    }

    private static SignedCheckpoint Parsed(byte[] note, IReadOnlyList<LogKey> all, string where)
    {
        try
        {
            return Checked(SignedCheckpoint.Parse(note), all, where);
        }
        catch (FormatException damaged)
        {
            throw new LogStoppedException(
                $"The checkpoint in {where} was altered: {damaged.Message}" + WayOut, damaged);
        }
    }

    private static SignedCheckpoint Checked(SignedCheckpoint known, IReadOnlyList<LogKey> all, string where)
    {
        string origin = known.Checkpoint.Origin;
        VerifierKey[] keys = [.. all.Where(k => k.Origin == origin).Select(k => k.Signer.Verifier)];
        string? altered = keys.Length == 0
            ? $"'{origin}' is no log of this tenant."
            : known.Check(new LogPolicy(origin, keys, [], 0))?.Detail;
        return altered is null
            ? known
            : throw new LogStoppedException($"The checkpoint in {where} was altered: {altered}" + WayOut);
    }

    private const string WayOut =
        " Nothing is recorded until the right database is back, or an operator declares a new origin: crmledger log "
        + "new-origin.";
}
