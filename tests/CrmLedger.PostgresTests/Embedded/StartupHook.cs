using CrmLedger.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>A process that serves a cluster until it is killed. .NET calls this before a program's own entry point when
/// DOTNET_STARTUP_HOOKS names this assembly, which only <c>OwnerProcess</c> does.</summary>
#pragma warning disable CA1050, MA0047 // the runtime looks for this name, without a namespace
internal static class StartupHook
#pragma warning restore CA1050, MA0047
{
    public static void Initialize()
    {
        string home = Environment.GetEnvironmentVariable("CRMLEDGER_TEST_HOME")
            ?? throw new InvalidOperationException("CRMLEDGER_TEST_HOME says which home to serve");
        ServeAsync(home).GetAwaiter().GetResult();
    }

    private static async Task ServeAsync(string home)
    {
        await using EmbeddedPostgres postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { Home = home }, NullLogger.Instance, CancellationToken.None);
        await Console.Out.WriteLineAsync("serving");
        await Task.Delay(Timeout.Infinite);
    }
}
