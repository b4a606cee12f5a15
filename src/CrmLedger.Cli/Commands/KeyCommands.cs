using System.CommandLine;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server;
using CrmLedger.Server.Hosting;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger keys</c>: API keys, kept in the database and so beside any running server.</summary>
internal static class KeyCommands
{
    private static readonly string[] s_scopes = ["append", "read", "lead", "audit", "admin"];

    public static Command Make(Shell shell)
    {
        var keys = new TaughtCommand("keys", """
            API keys, and the keys that wrap other keys. Works on the server's database itself.
            """)
        {
            Create(shell),
            List(shell),
            Revoke(shell),
            KeyRotationCommands.OfTenant(shell),
            KeyRotationCommands.OfMaster(shell),
        };
        return keys;
    }

    /// <summary>Names the tenant whose keys they are.</summary>
    internal static Option<string> Tenant()
    {
        var tenant = new Option<string>("--tenant")
        {
            Description = "The business whose ledger it is: a to z, 0 to 9 and hyphens.",
            HelpName = "NAME",
            Required = true,
        };
        tenant.Validators.Add(result =>
        {
            if (result.Tokens is [var name] && !TenantDirectory.IsName(name.Value))
                result.AddError($"'{name.Value}' cannot be a tenant's name: a to z, 0 to 9 and hyphens, at most 63.");
        });
        return tenant;
    }

    private static TaughtCommand Create(Shell shell)
    {
        var tenant = Tenant();
        var name = Options.Text("--name", "What the key is for, so that you know it again (default: cli).", "TEXT");
        var scopes = new Option<string>("--scopes")
        {
            Description = $"What it may do, parted by commas: {string.Join(", ", s_scopes)}.",
            HelpName = "a,b",
            Required = true,
        };
        scopes.Validators.Add(result =>
        {
            string[] given = Split(result.Tokens is [.., var last] ? last.Value : null);
            if (given.Length == 0)
                result.AddError($"--scopes names no scope. The scopes are {string.Join(", ", s_scopes)}.");
            foreach (string wrong in given.Except(s_scopes))
                result.AddError($"'{wrong}' is not a scope. The scopes are {string.Join(", ", s_scopes)}.");
        });
        var command = new TaughtCommand("create", """
            Create an API key. It is shown once and stored only as a hash.

            Example: crmledger keys create --tenant demo --scopes read,append
            Example: crmledger keys create --tenant demo --scopes read --json | jq -r .key > key.txt
            """) { tenant, scopes, name, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            var created = await KeyAdministration.CreateAsync(
                Settings.Home(parse.GetValue(Options.Home), shell.Environment), parse.GetRequiredValue(tenant),
                parse.GetValue(name) ?? "cli", Split(parse.GetRequiredValue(scopes)), ct);
            shell.Answer(parse.GetValue(Options.Json)
                ? new JsonObject
                {
                    ["key"] = created.Key,
                    ["keyId"] = created.KeyId,
                    ["tenant"] = created.Tenant,
                    ["scopes"] = List(created.Scopes),
                }.ToJsonString(LedgerJson.Options)
                : $"""
                {created.Key}

                This key is shown once; keep it now. It is key {created.KeyId} ({created.Name}) of {created.Tenant},
                for {string.Join(", ", created.Scopes)}.
                Set {Settings.KeyVariable} to it, or write it to a file and give --key-file.
                """);
            return ExitCode.Done;
        });
        return command;
    }

    private static TaughtCommand List(Shell shell)
    {
        var tenant = Tenant();
        var command = new TaughtCommand("list", """
            List a tenant's API keys: their ids, names and scopes, never the keys themselves.

            Example: crmledger keys list --tenant demo
            """) { tenant, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            var keys = await KeyAdministration.ListAsync(
                ExistingHome(parse, shell), parse.GetRequiredValue(tenant), ct)
                ?? throw new CliFailure(ExitCode.Failed, $"There is no tenant {parse.GetRequiredValue(tenant)}.");
            if (parse.GetValue(Options.Json))
            {
                shell.Answer(new JsonArray([.. keys.Select(ToJson)]).ToJsonString(LedgerJson.Options));
                return ExitCode.Done;
            }
            var terminal = new Terminal(shell);
            if (keys.Count == 0)
                terminal.Line("There are no keys.");
            else
            {
                terminal.Table(["Key", "Name", "Scopes", "Created (UTC)", "Revoked (UTC)"], keys.Select(k => (string[])
                [
                    k.KeyId, k.Name, string.Join(", ", k.Scopes), Sentences.Minute(k.CreatedAt),
                    Sentences.Minute(k.RevokedAt),
                ]));
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static TaughtCommand Revoke(Shell shell)
    {
        var tenant = Tenant();
        var keyId = new Argument<string>("KEYID") { Description = "The key's id, as `keys list` shows it." };
        var command = new TaughtCommand("revoke", """
            Revoke an API key: from then on no server takes it.

            Example: crmledger keys revoke 3f9a41c07d5be286 --tenant demo
            """) { keyId, tenant, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            string id = parse.GetRequiredValue(keyId);
            bool revoked = await KeyAdministration.RevokeAsync(
                ExistingHome(parse, shell), parse.GetRequiredValue(tenant), id, ct);
            if (!revoked)
            {
                throw new CliFailure(ExitCode.Failed,
                    $"This tenant has no key {id} that is in force. `crmledger keys list` shows its keys.");
            }
            shell.Answer(parse.GetValue(Options.Json)
                ? new JsonObject { ["keyId"] = id, ["revoked"] = true }.ToJsonString(LedgerJson.Options)
                : $"Key {id} is revoked.");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A mistyped folder must not become a new ledger, only to be told that it has no keys.</summary>
    internal static string ExistingHome(ParseResult parse, Shell shell)
    {
        string home = Settings.Home(parse.GetValue(Options.Home), shell.Environment);
        return LedgerHome.IsThere(home)
            ? home
            : throw new CliFailure(ExitCode.Failed,
                $"There is no ledger in {home}. Name its data folder with --home or {Settings.HomeVariable}.");
    }

    private static JsonObject ToJson(ListedApiKey key)
    {
        var json = new JsonObject
        {
            ["keyId"] = key.KeyId,
            ["name"] = key.Name,
            ["scopes"] = List(key.Scopes),
            ["createdAt"] = LedgerJson.Format(key.CreatedAt),
        };
        if (key.RevokedAt is { } revoked)
            json["revokedAt"] = LedgerJson.Format(revoked);
        return json;
    }

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    private static string[] Split(string? scopes) =>
        scopes?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
