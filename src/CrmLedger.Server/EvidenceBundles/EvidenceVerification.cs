using CrmLedger.Transparency;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>What the check of a bundle came to.</summary>
/// <param name="Refusal">Why it proves nothing; null when it holds.</param>
/// <param name="About">What it is about.</param>
/// <param name="Origin">The log; null when the bundle ends before it says so.</param>
/// <param name="TreeSize">How many events the log has.</param>
/// <param name="Events">How many of them are shown.</param>
/// <param name="FirstRecordedAt">When the first one shown was recorded, UTC; null for none.</param>
/// <param name="LastRecordedAt">When the last one shown was recorded, UTC; null for none.</param>
/// <param name="Streams">The last version that is shown of each stream; empty for many streams.</param>
/// <param name="Annulled">
/// Which of those shown were annulled by others of them; an annulment that is not shown cannot be told.
/// </param>
/// <param name="Statements">What was stated, and computed again.</param>
public sealed record EvidenceReport(
    string? Refusal, string About, string? Origin, long TreeSize, long Events, DateTimeOffset? FirstRecordedAt,
    DateTimeOffset? LastRecordedAt, IReadOnlyDictionary<string, long> Streams,
    IReadOnlyList<AnnulledEvidence> Annulled, IReadOnlyList<CheckedStatement> Statements);

/// <summary>Checks a bundle of evidence with no server and no network.</summary>
public static class EvidenceVerification
{
    private const int MostStreams = 20;

    /// <summary>Checks one.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="policyOf">Whom to trust for a log of a name; never what is in the bundle.</param>
    /// <param name="older">Older checkpoints of the log, which it must continue.</param>
    /// <param name="progress">Is told how many bytes have been read.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FormatException">It is no bundle, or was damaged.</exception>
    public static async Task<EvidenceReport> CheckAsync(
        Stream bundle, Func<string, LogPolicy> policyOf, IReadOnlyList<SignedCheckpoint> older,
        Action<long>? progress, CancellationToken cancel)
    {
        var walk = new EvidenceWalk();
        var entries = new ShownEntries();
        ScopeCheck? scope = null;
        StatementChecks? statements = null;
        string? fault = null;
        DateTimeOffset? first = null;
        DateTimeOffset? last = null;
        await foreach (var (line, entry) in BundleLines.ReadAsync(bundle, progress, cancel))
        {
            walk.Take(line);
            if (statements is null && walk.Checkpoint is not null)
            {
                var about = EvidenceScope.Parse(walk.About);
                (scope, statements) = (new(about, entries), new(walk.Statements, about));
                foreach (long size in older.Select(o => o.Checkpoint.Size).Concat(statements.Sizes))
                    walk.Ask(size);
            }
            if (entry is null)
                continue;
            if (entry.Position != walk.Size - 1)
                fault ??= $"The event at {walk.Size - 1} says that it is at {entry.Position}.";
            fault ??= scope!.Take(entry);
            entries.Take(entry);
            statements!.Take(entry);
            first ??= entry.RecordedAt;
            last = entry.RecordedAt;
        }
        if (walk.Checkpoint is not { } signed)
            throw new FormatException("The bundle ends before its checkpoint.");
        var policy = policyOf(signed.Checkpoint.Origin);
        string? refusal = walk.Check(policy)?.Detail ?? OlderRefusal(walk, older, policy) ?? fault
            ?? scope!.Finish(walk.Size) ?? statements!.Refusal(walk, policy);
        return new(refusal, string.Join(' ', walk.About), signed.Checkpoint.Origin, signed.Checkpoint.Size, walk.Shown,
            first, last, scope!.Versions.Count <= MostStreams ? scope.Versions : new Dictionary<string, long>(),
            refusal is null ? entries.Annulled : [], refusal is null ? statements!.Checked : []);
    }

    private static string? OlderRefusal(
        EvidenceWalk walk, IReadOnlyList<SignedCheckpoint> older, LogPolicy policy)
    {
        foreach (var one in older)
        {
            var (size, root) = (one.Checkpoint.Size, one.Checkpoint.Root);
            if (one.Check(policy) is { } unsigned)
                return $"The older checkpoint is not to be believed: {unsigned.Detail}";
            if (walk.RootAt(size) is not { } now)
            {
                return size > walk.Size
                    ? $"The older checkpoint is of {size} events, and the log of the bundle has {walk.Size}."
                    : $"The bundle does not stop at {size} events, where the older checkpoint is: export it with "
                        + $"--through {size}.";
            }
            if (!now.AsSpan().SequenceEqual(root))
            {
                return $"The log has signed two histories: its first {size} events are not those of the older "
                    + "checkpoint. Keep both files; they prove it.";
            }
        }
        return null;
    }
}
