using System.CommandLine;
using System.Text.Json;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger verify</c>: checks proofs with no server and no network.</summary>
internal static class VerifyCommands
{
    public static Command Make(Shell shell) =>
        new TaughtCommand("verify", "Check proofs with no server and no network, or a whole database.")
        {
            Receipt(shell), VerifyBundleCommand.Make(shell), VerifyDatabaseCommand.Make(shell),
        };

    private static TaughtCommand Receipt(Shell shell)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The receipt, a tlog-proof." };
        var leaf = new Option<string>("--leaf")
        {
            Description = "The leaf hash of the event, base64, as it was answered when the event was recorded.",
            HelpName = "HASH",
            Required = true,
        };
        var keys = new Option<string[]>("--key")
        {
            Description = "A key of the log, as you were given it: name+id+base64. Give it again for another one; "
                + "each is trusted for the log that it is named after.",
            HelpName = "KEY",
            Required = true,
        };
        var command = new TaughtCommand("receipt", """
            Check that a log has signed for an event: that the event's leaf is in the tree of the checkpoint
            in the receipt, and that the checkpoint is signed by a key that you trust, and cosigned by the
            witnesses that you name. Exit code 1 if not.

            Example: crmledger verify receipt event.tlog-proof --leaf Fh2…= --key crmledger/demo/…+1f2e3d4c+AQ…=
            Example: crmledger verify receipt event.tlog-proof --leaf Fh2…= --key crmledger/demo/…+1f2e3d4c+AQ…=
                     --witness witness.example/w1+5a6b7c8d+BA…= --cosigned w1.checkpoint
            """) { file, leaf, keys, Options.Json };
        var witnesses = new ReceiptWitnesses();
        witnesses.AddTo(command);
        command.SetAction((parse, _) =>
        {
            var (refusal, receipt, cosigned) = Check(parse, witnesses,
                parse.GetRequiredValue(file), parse.GetRequiredValue(leaf), parse.GetRequiredValue(keys));
            var checkpoint = receipt.Checkpoint.Checkpoint;
            if (parse.GetValue(Options.Json))
            {
                shell.Answer(JsonSerializer.Serialize(new
                {
                    verified = refusal is null,
                    fault = refusal?.Fault,
                    detail = refusal?.Detail,
                    position = receipt.LeafIndex,
                    origin = checkpoint.Origin,
                    treeSize = checkpoint.Size,
                    witnesses = cosigned,
                }, LedgerJson.Options));
            }
            else if (refusal is null)
            {
                shell.Answer($"Verified: the event stands at position {receipt.LeafIndex} of the log "
                    + $"{checkpoint.Origin}, of {checkpoint.Size} events, and the log has signed for it"
                    + (cosigned > 0 ? $", with {cosigned} of your witnesses or more." : "."));
            }
            else
            {
                shell.Answer($"Not verified: {refusal.Detail}");
            }
            return Task.FromResult(refusal is null ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    /// <summary>The keys that were given with <c>--key</c>; each is one that a log signs with.</summary>
    public static VerifierKey[] KeysOf(string[] given)
    {
        try
        {
            VerifierKey[] keys = [.. given.Select(VerifierKey.Parse)];
            return Array.Find(keys, key => key.Kind != SignatureKind.Ed25519) is { } other
                ? throw new CliFailure(ExitCode.Usage, $"--key takes keys that a log signs with; '{other}' cosigns.")
                : keys;
        }
        catch (FormatException malformed)
        {
            throw new CliFailure(ExitCode.Usage, $"--key: {malformed.Message}", malformed);
        }
    }

    /// <summary>
    /// Trusts each key for the log that it is named after alone: of several logs, none can sign for another.
    /// </summary>
    public static LogPolicy PolicyOf(string origin, VerifierKey[] trusted)
    {
        var own = OwnOf(origin, trusted);
        return new(own[0].Name, own, [], 0);
    }

    private static VerifierKey[] OwnOf(string origin, VerifierKey[] trusted) =>
        Array.FindAll(trusted, key => key.Name == origin) is { Length: > 0 } own ? own : [trusted[0]];

    private static (ProofRefusal? Refusal, Receipt Receipt, int Witnesses) Check(
        ParseResult parse, ReceiptWitnesses witnesses, FileInfo file, string leaf, string[] keys)
    {
        byte[] hash = new byte[MerkleTree.HashLength];
        if (!Convert.TryFromBase64String(leaf, hash, out int length) || length != hash.Length)
            throw new CliFailure(ExitCode.Usage, "--leaf is not the base64 of a leaf hash of 32 bytes.");
        var trusted = KeysOf(keys);
        try
        {
            var receipt = Transparency.Receipt.Parse(File.ReadAllBytes(file.FullName));
            string origin = receipt.Checkpoint.Checkpoint.Origin;
            var refusal = witnesses.Check(
                parse, receipt, hash, PolicyOf(origin, trusted), OwnOf(origin, trusted), out int required);
            return (refusal, receipt, required);
        }
        catch (FormatException unreadable)
        {
            throw new CliFailure(ExitCode.Usage, unreadable.Message, unreadable);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.Usage, $"The receipt cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
