using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Hosting;

/// <summary>The real program as a user starts it, with a data folder of its own.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ServeTests : IDisposable
{
    private static readonly Dictionary<string, string> s_noVariables = [];

    private readonly TemporaryHome _home = new();

    private string Settings => Path.Combine(_home.Path, "settings.json");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task The_settings_keep_another_tenants_key_and_tell_every_command_where_the_server_is()
    {
        string acme = await ServeAsync(async greeting =>
        {
            greeting.ShouldContain($"keys create --tenant NAME --scopes append,read,lead,audit --home {_home.Path}");
            var made = await RunAsync("keys", "create", "--tenant", "acme", "--scopes", "read", "--json");
            return JsonElement.Parse(made.Out).GetProperty("key").GetString()!;
        }, "--no-demo");
        var settings = JsonElement.Parse(await File.ReadAllTextAsync(Settings));
        settings.EnumerateObject().Select(m => m.Name).ShouldBe(["url"]);

        await File.WriteAllTextAsync(Settings, $$"""{"url":"http://127.0.0.1:1","key":"{{acme}}","note":"mine"}""");
        await ServeAsync(async greeting =>
        {
            greeting.ShouldContain("the one in settings.json, which is not the demonstration's");
            greeting.ShouldContain($"kept-rate --by team --home {_home.Path}");
            var status = await RunAsync("status", "--json");
            status.ExitCode.ShouldBe(0, status.Error);
            JsonElement.Parse(status.Out).GetProperty("tenant").GetString().ShouldBe("acme");
            (await RunAsync("keys", "list", "--tenant", "demo")).Out.ShouldContain("demonstration");
            var nobodys = await RunAsync("keys", "list", "--tenant", "nobody");
            (nobodys.ExitCode, nobodys.Out, nobodys.Error.Trim()).ShouldBe((1, "", "There is no tenant nobody."));
            return "";
        });
        settings = JsonElement.Parse(await File.ReadAllTextAsync(Settings));
        settings.GetProperty("key").GetString().ShouldBe(acme);
        settings.GetProperty("note").GetString().ShouldBe("mine");
    }

    [Theory]
    [InlineData("ConnectionStrings__Ledger", "postgres://me:secret@db/crm")]
    [InlineData("ConnectionStrings__Ledger", "Host=db;Port=many;Password=secret")]
    [InlineData("ConnectionStrings__LedgerOwner", "Hots=db;Password=secret")]
    public async Task A_connection_string_that_is_none_is_named_by_its_variable_and_not_shown(
        string variable, string text)
    {
        var variables = new Dictionary<string, string> { ["ConnectionStrings__Ledger"] = "Host=db", [variable] = text };
        var run = await CommandLineOf.RunProgramAsync(variables, "serve", "--home", _home.Path);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain($"{variable} is not a connection string of PostgreSQL");
        run.Error.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_server_that_is_not_the_owner_serves_what_the_owner_has_migrated_and_makes_nothing_itself()
    {
        var connections = await PostgresCluster.NewDatabaseAsync();
        var server = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = connections.Server,
            ["ConnectionStrings__LedgerLoader"] = connections.Loader,
        };
        var owner = new Dictionary<string, string>(server)
        {
            ["ConnectionStrings__LedgerOwner"] = connections.Owner,
        };

        var refused = await CommandLineOf.RunProgramAsync(server, "serve", "--home", _home.Path);
        var migrated = await CommandLineOf.RunProgramAsync(owner, "migrate", "--home", _home.Path);
        string greeting = await ServeAsync(server, Task.FromResult, "--no-demo");

        (refused.ExitCode, refused.Out).ShouldBe((1, ""));
        refused.Error.ShouldContain("Run crmledger migrate with ConnectionStrings__LedgerOwner set to the owner's");
        migrated.ShouldBe(new Ran(0, "The database was brought from step 0 to step 15.\n", ""));
        greeting.ShouldContain("keys create --tenant NAME");
    }

    private Task<Ran> RunAsync(params string[] args) =>
        CommandLineOf.RunProgramAsync(s_noVariables, [.. args, "--home", _home.Path]);

    private Task<string> ServeAsync(Func<string, Task<string>> use, params string[] options) =>
        ServeAsync(s_noVariables, use, options);

    private async Task<string> ServeAsync(
        Dictionary<string, string> variables, Func<string, Task<string>> use, params string[] options)
    {
        using var server = CommandLineOf.Start(
            variables, ["serve", "--home", _home.Path, "--urls", "http://127.0.0.1:0", .. options]);
        var errors = server.StandardError.ReadToEndAsync();
        try
        {
            string greeting = "";
            while (!greeting.Contains("--home", StringComparison.Ordinal))
            {
                string? line = await server.StandardOutput.ReadLineAsync();
                greeting += (line ?? throw new InvalidOperationException(await errors)) + "\n";
            }
            return await use(greeting);
        }
        finally
        {
            // Not SIGINT: whoever runs the tests in the background has it ignored, and so have all that they start.
            using (var stop = Process.Start("kill", ["-TERM", $"{server.Id}"]))
                await stop.WaitForExitAsync();
            _ = server.StandardOutput.ReadToEndAsync();
            await server.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }
    }
}
