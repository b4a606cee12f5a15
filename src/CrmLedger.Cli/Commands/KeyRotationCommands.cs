using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger keys rotate</c> and <c>rotate-master</c>: replace the keys that wrap other keys.</summary>
internal static class KeyRotationCommands
{
    private const string Word = "replace";

    public static Command OfTenant(Shell shell)
    {
        var tenant = KeyCommands.Tenant();
        var command = new TaughtCommand("rotate", """
            Replace a tenant's key, which wraps the keys of personal text and of the log; API keys stay as they
            are. All that it wraps is wrapped anew, a piece at a time, and then it is destroyed. Servers go on
            meanwhile and need not be told. Interrupted, it can be run again, which completes it.

            The key from which ids are derived is wrapped anew, too, and stays what it is, since the ids would
            change with it. No personal text is encrypted anew: it is in the log, under keys that stay. Backups
            from before hold the old key still; they need the master key of their time, and nothing else.

            Example: crmledger keys rotate --tenant demo
            """) { tenant, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            string named = parse.GetRequiredValue(tenant);
            var replaced = await RotateAsync(shell, KeyCommands.ExistingHome(parse, shell), named, ct);
            if (replaced.Unopened.Count > 0)
                throw Unopened(named, replaced);
            shell.Answer(parse.GetValue(Options.Json)
                ? JsonSerializer.Serialize(
                    new { tenant = named, replaced.KeyNumber, replaced.Wrapped, replaced.Continued },
                    LedgerJson.Options)
                : Told(named, replaced));
            return ExitCode.Done;
        });
        return command;
    }

    public static Command OfMaster(Shell shell)
    {
        var file = new Option<FileInfo?>("--new-key-file")
        {
            Description = "A file with the new key: 32 bytes in base64, its owner's only (else "
                + $"{MasterKey.NewVariable}; without either one is made, where the key is in master.key).",
            HelpName = "FILE",
        };
        var yes = new Option<bool>("--yes") { Description = "Do not ask whether the old key is kept for backups." };
        var command = new TaughtCommand("rotate-master", $"""
            Replace the master key, which wraps every tenant's key. All of them are wrapped anew in one step, and
            master.key holds the new key afterwards, or {MasterKey.Variable} must: start servers with it.

            Keep a copy of the new key elsewhere: without it no personal text can ever be read again. Backups
            from before need the old key: keep that for as long as you keep them, or destroy it, and they say
            nothing of anybody any more.

            A server that finds the new key in master.key of its own data folder takes it and goes on. Every
            other one must be stopped and started again with the new key: what it has opened before it can read
            and write until then, and it says in its log what is to be done.

            Killed at any moment, nothing is lost: where both keys lie in the data folder then, the next command
            or start takes the one that the database knows. With {MasterKey.Variable}, that is the old or
            the new one: start with the other one where one is refused.

            Example: crmledger keys rotate-master
            Example: crmledger keys rotate-master --new-key-file new.key --yes
            """) { file, yes, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            string home = KeyCommands.ExistingHome(parse, shell);
            byte[]? given = parse.GetValue(file) is { } named ? MasterKey.ReadNew(named.FullName)
                : shell.Environment(MasterKey.NewVariable) is { Length: > 0 } text ? MasterKey.ParseNew(text)
                : null;
            if (!parse.GetValue(yes))
                await ConfirmAsync(shell, ct);
            var (replaced, settled) = await KeyAdministration.RotateMasterAsync(home, given, ct);
            shell.Answer(parse.GetValue(Options.Json)
                ? ToJson(replaced, settled).ToJsonString(LedgerJson.Options)
                : string.Join('\n', new[] { settled?.What, Told(replaced) }.OfType<string>()));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<ReplacedTenantKey> RotateAsync(
        Shell shell, string home, string tenant, CancellationToken ct)
    {
        using var line = new RewrittenLine(shell);
        return await KeyAdministration.RotateAsync(
            home, tenant, n => line.Write($"{Sentences.Count(n)} keys of {tenant} are wrapped anew"), ct)
            ?? throw new CliFailure(ExitCode.Failed, $"There is no tenant {tenant}.");
    }

    private static async Task ConfirmAsync(Shell shell, CancellationToken ct)
    {
        if (!shell.InIsTerminal)
        {
            throw new CliFailure(ExitCode.Usage, "Backups need the master key of their time, and there is nobody here "
                + "to ask whether it is kept elsewhere. Give --yes if it is, or need not be.");
        }
        await shell.Error.WriteLineAsync("Backups that were made until now need the present master key. Is a copy of "
            + "it kept elsewhere for as long as they are?");
        await shell.Error.WriteAsync($"Type {Word} to replace it: ");
        if ((await shell.In.ReadLineAsync(ct))?.Trim() != Word)
            throw new CliFailure(ExitCode.Failed, "Nothing was replaced.");
    }

    private static string Told(string tenant, ReplacedTenantKey replaced) => $"""
        {(replaced.Continued
            ? $"The replacement of the key of {tenant}, which was interrupted, is complete."
            : $"The key of {tenant} was replaced.")}
        Key {replaced.KeyNumber} wraps its other keys now; {Sentences.Count(replaced.Wrapped)} were wrapped anew.
        The one before is destroyed. No id has changed, and servers go on.
        """;

    private static string? Told(ReplacedMasterKey? replaced) => replaced is null ? null : $"""
        The master key was replaced: number {replaced.Number} wraps the keys of all tenants now.
        {(replaced.File is { } file
            ? $"It is in {file}. Servers of this data folder take it by themselves;\n"
                + "others need a copy of the file, and to be started again."
            : $"Start every server with it in {MasterKey.Variable}, and every command.")}
        Keep a copy of it elsewhere: without it no personal text can ever be read again.
        Backups from before need the old one.
        """;

    private static JsonObject ToJson(ReplacedMasterKey? replaced, SettledReplacement? settled)
    {
        var json = new JsonObject();
        if (settled is not null)
            json["settled"] = settled.What;
        if (replaced is not null)
        {
            json["number"] = replaced.Number;
            json["tenantKeys"] = replaced.TenantKeys;
            json["file"] = replaced.File;
        }
        return json;
    }

    private static CliFailure Unopened(string tenant, ReplacedTenantKey replaced) => new(ExitCode.Failed,
        $"The old key of {tenant} stays, since it does not open all that it should: "
            + $"{string.Join(", ", replaced.Unopened)}{(replaced.Unopened.Count < 10 ? "" : " and maybe more")}. "
            + $"`crmledger verify database --tenant {tenant}` names them all. Restore their rows from a backup, or "
            + "delete them, and run this again.");
}
