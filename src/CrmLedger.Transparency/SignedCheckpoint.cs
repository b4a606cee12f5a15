namespace CrmLedger.Transparency;

/// <summary>A checkpoint with the signatures of its log and its witnesses. Immutable.</summary>
/// <remarks>C2SP tlog-checkpoint and tlog-cosignature.</remarks>
public sealed class SignedCheckpoint
{
    private SignedCheckpoint(SignedNote note, Checkpoint checkpoint)
    {
        Note = note;
        Checkpoint = checkpoint;
    }

    /// <summary>The signed text.</summary>
    public SignedNote Note { get; }

    /// <summary>What the text says. Not to be believed before <see cref="Check"/>.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Signs for a log. Who calls it answers for the log never having signed another history.</summary>
    /// <exception cref="InvalidOperationException">The key makes cosignatures.</exception>
    public static SignedCheckpoint Sign(Checkpoint checkpoint, SignerKey key)
    {
        return new SignedCheckpoint(SignedNote.Sign(checkpoint.Text, key), checkpoint);
    }

    /// <summary>Reads a signed note whose text is a checkpoint.</summary>
    /// <exception cref="FormatException">It is not, or not written exactly as C2SP has it.</exception>
    public static SignedCheckpoint Parse(ReadOnlySpan<byte> utf8)
    {
        var note = SignedNote.Parse(utf8);
        return new SignedCheckpoint(note, Checkpoint.Parse(note.Text));
    }

    /// <inheritdoc cref="SignedNote.With"/>
    public SignedCheckpoint With(NoteSignature signature) => new(Note.With(signature), Checkpoint);

    /// <inheritdoc cref="SignedNote.ToUtf8"/>
    public byte[] ToUtf8() => Note.ToUtf8();

    /// <summary>Whether the log, and enough of its witnesses, say this.</summary>
    /// <returns>Null when they do.</returns>
    public ProofRefusal? Check(LogPolicy policy)
    {
        return CheckLog(policy, out var cosigned) ?? CheckWitnesses(policy, cosigned);
    }

    /// <summary>Whether this log is the older one with nothing but new leaves at its end.</summary>
    /// <param name="older">What was known before.</param>
    /// <param name="proof">RFC 6962 §2.1.2, from the older size to this one; empty when the sizes are equal.</param>
    /// <param name="policy">Holds for both checkpoints.</param>
    /// <returns>Null when it is. A <see cref="ProofFault.Fork"/> is proof against the log: keep both.</returns>
    public ProofRefusal? CheckExtends(SignedCheckpoint older, IReadOnlyList<byte[]> proof, LogPolicy policy)
    {
        if (older.CheckLog(policy, out var cosignedBefore) is { } refusedBefore)
            return refusedBefore;
        if (CheckLog(policy, out var cosigned) is { } refusal)
            return refusal;
        var (was, now) = (older.Checkpoint, Checkpoint);
        // A fork stands proven by the log's own signatures, whoever else has looked.
        if (was.Size == now.Size && !was.Root.AsSpan().SequenceEqual(now.Root))
            return new ProofRefusal(ProofFault.Fork, $"'{policy.Origin}' has signed two roots for size {now.Size}.");
        if (CheckWitnesses(policy, Math.Min(cosignedBefore, cosigned)) is { } unwitnessed)
            return unwitnessed;
        if (was.Size > now.Size)
        {
            return new ProofRefusal(
                ProofFault.OlderThanKnown, $"Size {now.Size} is offered after size {was.Size} was known.");
        }

        return MerkleTree.VerifyConsistency(was.Size, was.Root, now.Size, now.Root, proof)
            ? null
            : new ProofRefusal(
                ProofFault.NotConsistent,
                $"The proof does not lead from the root of size {was.Size} to that of size {now.Size}.");
    }

    private ProofRefusal? CheckLog(LogPolicy policy, out int cosigned)
    {
        cosigned = 0;
        if (Checkpoint.Origin != policy.Origin)
        {
            return new ProofRefusal(
                ProofFault.OtherLog, $"The checkpoint is of '{Checkpoint.Origin}', not of '{policy.Origin}'.");
        }

        if (Note.Check(policy.Keys, out var verified) is { } refusal)
            return refusal;
        if (verified.All(signature => signature.Key.Kind != SignatureKind.Ed25519))
            return new ProofRefusal(ProofFault.NotSigned, $"Witnesses have cosigned, but '{policy.Origin}' has not.");
        cosigned = LogPolicy.Witnesses(verified.Select(signature => signature.Key));
        return null;
    }

    private static ProofRefusal? CheckWitnesses(LogPolicy policy, int cosigned)
    {
        return cosigned < policy.RequiredWitnesses
            ? new ProofRefusal(
                ProofFault.TooFewWitnesses,
                $"Cosigned by {cosigned} of the {policy.RequiredWitnesses} witnesses required.")
            : null;
    }
}
