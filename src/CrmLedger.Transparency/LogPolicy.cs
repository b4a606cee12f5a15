namespace CrmLedger.Transparency;

/// <summary>Whom a verifier trusts for one log. It never comes with the proof that it judges. Immutable.</summary>
public sealed class LogPolicy
{
    /// <summary>Trust in a log, and in witnesses who watch it.</summary>
    /// <param name="origin">The first line of the log's checkpoints.</param>
    /// <param name="logKeys">One at least; several while a key is being replaced. One of them must have signed.</param>
    /// <param name="witnessKeys">Keys of independent witnesses, for cosignatures.</param>
    /// <param name="requiredWitnesses">How many different ones must have cosigned, from 0 to all.</param>
    /// <exception cref="ArgumentException">A key is of the wrong kind, or too many witnesses are required.</exception>
    public LogPolicy(
        string origin, IReadOnlyList<VerifierKey> logKeys, IReadOnlyList<VerifierKey> witnessKeys,
        int requiredWitnesses)
    {
        if (logKeys.Count == 0 || logKeys.Any(key => key.Kind != SignatureKind.Ed25519))
            throw new ArgumentException("A log has one key or more, which sign notes.", nameof(logKeys));
        if (witnessKeys.Any(key => key.Kind != SignatureKind.Cosignature))
            throw new ArgumentException("A witness's key makes cosignatures.", nameof(witnessKeys));
        ArgumentOutOfRangeException.ThrowIfNegative(requiredWitnesses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requiredWitnesses, Witnesses(witnessKeys));
        Origin = origin;
        Keys = [.. logKeys, .. witnessKeys];
        RequiredWitnesses = requiredWitnesses;
    }

    /// <summary>Trust in a log alone, whose origin is its key's name, as C2SP tlog-checkpoint advises.</summary>
    /// <exception cref="ArgumentException">The key makes cosignatures.</exception>
    public LogPolicy(VerifierKey logKey)
        : this(logKey.Name, [logKey], [], requiredWitnesses: 0)
    {
    }

    /// <summary>The log's identity.</summary>
    public string Origin { get; }

    /// <summary>How many witnesses must have cosigned.</summary>
    public int RequiredWitnesses { get; }

    internal IReadOnlyList<VerifierKey> Keys { get; }

    /// <summary>Whether the log has signed a note, whatever it says.</summary>
    /// <returns>Null when it has.</returns>
    public ProofRefusal? CheckNote(SignedNote note) =>
        note.Check([.. Keys.Where(key => key.Kind == SignatureKind.Ed25519)], out _);

    /// <summary>How many different witnesses these keys are.</summary>
    /// <remarks>A cosignature does not name its witness, so one public key under two names is still one.</remarks>
    internal static int Witnesses(IEnumerable<VerifierKey> keys)
    {
        return keys.Where(key => key.Kind == SignatureKind.Cosignature)
            .DistinctBy(key => Convert.ToHexString(key.PublicKey)).Count();
    }
}
