using CrmLedger.Transparency;

namespace CrmLedger.Cli.Witnessing;

/// <summary>
/// Follows one log and cosigns its checkpoints (C2SP tlog-cosignature v1) as long as each continues the one before.
/// </summary>
/// <remarks>
/// What C2SP tlog-witness demands of the order: a checkpoint is on disk before its cosignature is given out, so that
/// after any crash nothing is cosigned that does not continue what was.
/// </remarks>
internal sealed class Witness(LogClient log, WitnessedLog kept, SignerKey key, TimeProvider clock)
{
    /// <summary>Looks at the log once.</summary>
    /// <returns>What was cosigned; null when there is nothing new.</returns>
    /// <exception cref="CliFailure">
    /// The log cannot be reached (<see cref="ExitCode.NotReachable" />), cannot be believed, or does not continue what
    /// was cosigned: then the evidence is kept.
    /// </exception>
    public async Task<SignedCheckpoint?> LookAsync(CancellationToken ct)
    {
        if (Directory.Exists(kept.EvidenceFolder))
            throw Stopped("has not continued what this witness cosigned.");
        var offered = await log.CheckpointAsync(ct);
        if (offered.Check(kept.Policy) is { } unsigned)
        {
            throw new CliFailure(ExitCode.Failed,
                $"The checkpoint is not cosigned, for the log's key has not signed it: {unsigned.Detail}");
        }
        var known = kept.Known();
        if (known is not null)
            await CheckAsync(known, offered, ct);
        else if (!await LeadsToAsync(offered, ct))
            throw Unfit(offered);
        var (size, root) = (offered.Checkpoint.Size, offered.Checkpoint.Root);
        if (known?.Checkpoint.Size == size && kept.Cosigned()?.Checkpoint is { } given && given.Size == size
            && given.Root.AsSpan().SequenceEqual(root))
        {
            return null;
        }
        var cosigned = offered.With(key.Cosign(offered.Checkpoint, clock.GetUtcNow().ToUnixTimeSeconds()));
        kept.Keep(offered);
        kept.GiveOut(cosigned);
        return cosigned;
    }

    private async Task CheckAsync(SignedCheckpoint known, SignedCheckpoint offered, CancellationToken ct)
    {
        var (was, now) = (known.Checkpoint.Size, offered.Checkpoint.Size);
        var proof = was < now
            ? await log.ComputeAsync(now, read => TileTree.ConsistencyProof(was, now, read), ct)
            : [];
        if (offered.CheckExtends(known, proof, kept.Policy) is not { } refusal)
            return;
        // Tiles that are not those of the signed tree prove nothing, neither for the log nor against it.
        if (refusal.Fault == ProofFault.NotConsistent && !await LeadsToAsync(offered, ct))
            throw Unfit(offered);
        kept.KeepEvidence(known, offered, refusal);
        throw Stopped($"does not continue what this witness has cosigned ({refusal.Fault}): {refusal.Detail}");
    }

    private async Task<bool> LeadsToAsync(SignedCheckpoint offered, CancellationToken ct)
    {
        long size = offered.Checkpoint.Size;
        byte[] root = await log.ComputeAsync(size, read => TileTree.Root(size, read), ct);
        return root.AsSpan().SequenceEqual(offered.Checkpoint.Root);
    }

    private static CliFailure Unfit(SignedCheckpoint offered) => new(ExitCode.Failed,
        $"The tiles that the log '{offered.Checkpoint.Origin}' publishes do not lead to the root that it has signed "
        + $"for size {offered.Checkpoint.Size}: nothing is cosigned.");

    private CliFailure Stopped(string why) => new(ExitCode.Failed,
        $"DO NOT TRUST THIS LOG. '{kept.Policy.Origin}' {why} It is not cosigned any more. Both notes lie "
        + $"in {kept.EvidenceFolder}: show them to everybody who relies on the log. Remove that folder once the log "
        + "continues again what was cosigned.");
}
