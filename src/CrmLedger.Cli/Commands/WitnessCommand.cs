using System.CommandLine;
using CrmLedger.Cli.Witnessing;
using CrmLedger.Postgres;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger witness</c>: watches somebody's log and cosigns what continues.</summary>
internal static class WitnessCommand
{
    private const long UsualPauseSeconds = 10;

    private static readonly Argument<string> s_url = new("URL")
    {
        Description = "The log's address, such as http://127.0.0.1:8080/log/demo.",
    };

    private static readonly Option<string[]> s_keys = new("--key")
    {
        Description = "The log's key, as its operator gave it to you: name+id+base64. Needed once, then pinned. Give "
            + "it again for another key of the same log.",
        HelpName = "KEY",
    };

    private static readonly Option<string> s_state = new("--state")
    {
        Description = "The folder of this witness: its key, and for each log what it has cosigned.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<string?> s_name = Options.Text(
        "--name", "What the witness is called, once, when its key is made (default: HOST/witness).", "NAME");

    private static readonly Option<bool> s_once = new("--once") { Description = "Look once, and end." };

    private static readonly Option<long?> s_every = Options.Whole(
        "--every", $"Seconds between two looks (default: {UsualPauseSeconds}).", least: 1, most: 86_400);

    public static Command Make(Shell shell)
    {
        var command = new TaughtCommand("witness", """
            Follow somebody's log and cosign its checkpoints, as long as each one continues what was cosigned
            before. The cosigned checkpoint lies in the state folder as ORIGIN.checkpoint, for others to take;
            ORIGIN is escaped as in an address. When the log does not continue (it has two roots for one size,
            fewer events or other ones), both notes are kept beside it in ORIGIN.evidence, the exit code is 1,
            and nothing of this log is cosigned until you have removed them. One state folder serves for
            several logs, each followed by a process of its own.

            Example: crmledger witness http://ledger.example/log/demo --state ~/witness --key crmledger/demo/…+1f2e+AQ…=
            Example: crmledger witness http://ledger.example/log/demo --state ~/witness --once
            """) { s_url, s_state, s_keys, s_name, s_once, s_every };
        command.SetAction((parse, ct) => RunAsync(shell, parse, ct));
        return command;
    }

    private static async Task<int> RunAsync(Shell shell, ParseResult parse, CancellationToken ct)
    {
        var address = AddressOf(parse.GetRequiredValue(s_url));
        var keys = KeysOf(parse.GetValue(s_keys) ?? []);
        string folder = Path.GetFullPath(parse.GetRequiredValue(s_state));
        bool once = parse.GetValue(s_once);
        try
        {
            UnixFiles.CreateFolder(folder, UnixFiles.PassThroughFolder);
            using var kept = WitnessedLog.Open(folder, address, keys);
            var (key, isNew) = WitnessKey.ReadOrMake(folder, parse.GetValue(s_name));
            if (isNew || shell.OutIsTerminal)
                shell.Answer($"Whoever is to trust this witness takes its key: {key.Verifier}");
            using var log = new LogClient(address, shell.Network());
            var witness = new Witness(log, kept, key, shell.Clock);
            if (!once)
            {
                var pause = TimeSpan.FromSeconds(parse.GetValue(s_every) ?? UsualPauseSeconds);
                return await FollowAsync(witness, pause, shell, ct);
            }
            shell.Answer(await witness.LookAsync(ct) is { } cosigned
                ? $"{Sentence(cosigned)} It lies in {kept.CosignedFile}."
                : "Nothing new: the log stands where it was cosigned.");
            return ExitCode.Done;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(
                ExitCode.Failed, $"The state folder {folder} cannot be used: {unusable.Message}", unusable);
        }
    }

    /// <summary>Looks until it is told to stop, or the log cannot be believed.</summary>
    private static async Task<int> FollowAsync(Witness witness, TimeSpan pause, Shell shell, CancellationToken ct)
    {
        string? trouble = null;
        while (true)
        {
            try
            {
                if (await witness.LookAsync(ct) is { } cosigned && shell.OutIsTerminal)
                    shell.Answer(Sentence(cosigned));
                trouble = null;
            }
            catch (CliFailure away) when (away.ExitCode == ExitCode.NotReachable)
            {
                // It is tried for ever, and said once.
                if (trouble != away.Message)
                    await shell.Error.WriteLineAsync($"{away.Message} Trying again.");
                trouble = away.Message;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return ExitCode.Done;
            }
            await Task.Delay(pause, shell.Clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Sentence(SignedCheckpoint cosigned) =>
        $"Cosigned: {cosigned.Checkpoint.Origin} with {Sentences.Count(cosigned.Checkpoint.Size)} events.";

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address.Query.Length + address.Fragment.Length + address.UserInfo.Length == 0
            ? address
            : throw new CliFailure(ExitCode.Usage,
                $"'{text}' is not the address of a log. Give one such as http://127.0.0.1:8080/log/demo.");

    private static VerifierKey[] KeysOf(string[] given)
    {
        var keys = VerifyCommands.KeysOf(given);
        return Array.Find(keys, k => k.Name != keys[0].Name) is not { } other
            ? keys
            : throw new CliFailure(ExitCode.Usage, $"--key takes keys of one log; '{other}' is another one's.");
    }
}
