using System.CommandLine;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Commands;

/// <summary>The witnesses that <c>crmledger verify receipt</c> asks for beside the log.</summary>
/// <remarks>
/// A receipt comes without cosignatures: its checkpoint was signed when it was asked for, and witnesses look in from
/// time to time. A cosignature counts for it only when it is over the very checkpoint of the receipt. That a witness
/// has cosigned another size, larger or smaller, says nothing about the receipt's root without a consistency proof,
/// which a verifier without a network does not have; so the receipt is asked for at the size that was cosigned.
/// </remarks>
internal sealed class ReceiptWitnesses
{
    private readonly Option<string[]> _keys = new("--witness")
    {
        Description = "The key of a witness whom you trust to watch this log: name+id+base64. Give it again for "
            + "another one.",
        HelpName = "KEY",
    };

    private readonly Option<long?> _required = Options.Whole(
        "--witnesses", "How many of the witnesses must have cosigned (default: each of them).");

    private readonly Option<FileInfo?> _cosigned = new("--cosigned")
    {
        Description = "The checkpoint that a witness gave out, of the receipt's size. Ask for a receipt of that size "
            + "with ?size=N.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_keys);
        command.Options.Add(_required);
        command.Options.Add(_cosigned);
    }

    /// <summary>Checks a receipt with the cosignatures that came beside it.</summary>
    /// <param name="parse">What was asked.</param>
    /// <param name="receipt">The receipt as it is.</param>
    /// <param name="leaf">The event's leaf hash.</param>
    /// <param name="log">Whom to trust as the log; has no witnesses.</param>
    /// <param name="logKeys">The same keys.</param>
    /// <param name="required">How many witnesses must have cosigned.</param>
    /// <returns>Null when the log, and so many witnesses, have signed for the event.</returns>
    /// <exception cref="FormatException">A key or the cosigned checkpoint is not written as it must be.</exception>
    /// <exception cref="CliFailure">What was asked does not fit together.</exception>
    public ProofRefusal? Check(
        ParseResult parse, Receipt receipt, ReadOnlySpan<byte> leaf, LogPolicy log,
        IReadOnlyList<VerifierKey> logKeys, out int required)
    {
        VerifierKey[] keys = [.. (parse.GetValue(_keys) ?? []).Select(VerifierKey.Parse)];
        required = (int)Math.Min(parse.GetValue(_required) ?? keys.Length, int.MaxValue);
        LogPolicy policy;
        try
        {
            policy = new LogPolicy(log.Origin, logKeys, keys, required);
        }
        catch (ArgumentException unfit)
        {
            throw new CliFailure(ExitCode.Usage, "--witness takes keys that cosign, and --witnesses asks for no more "
                + $"than there are: {unfit.Message}", unfit);
        }
        if (parse.GetValue(_cosigned) is not { } file)
            return receipt.Check(leaf, policy);
        var cosigned = SignedCheckpoint.Parse(File.ReadAllBytes(file.FullName));
        var (own, theirs) = (receipt.Checkpoint.Checkpoint, cosigned.Checkpoint);
        if (own.Origin != theirs.Origin || own.Size != theirs.Size)
        {
            throw new CliFailure(ExitCode.Failed, $"The receipt is of '{own.Origin}' with {own.Size} events, the "
                + $"cosigned checkpoint of '{theirs.Origin}' with {theirs.Size}: it says nothing about this receipt. "
                + $"Ask for the receipt of that size: ?format=tlog-proof&size={theirs.Size}.");
        }
        // Two roots for one size, both signed: what witnesses are there to find.
        if (!own.Root.AsSpan().SequenceEqual(theirs.Root) && cosigned.CheckExtends(receipt.Checkpoint, [], log) is
            { } fork)
        {
            return fork;
        }
        var signed = cosigned.Note.Signatures
            .Where(s => keys.Any(key => key.Name == s.KeyName && key.KeyId == s.KeyId))
            .Aggregate(receipt.Checkpoint, (checkpoint, signature) => checkpoint.With(signature));
        return new Receipt(receipt.LeafIndex, receipt.Path, signed, receipt.Extra).Check(leaf, policy);
    }
}
