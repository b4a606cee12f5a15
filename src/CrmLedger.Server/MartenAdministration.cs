using CrmLedger.EventStore;
using CrmLedger.Server.Hosting;
using JasperFx.CommandLine;
using JasperFx.CommandLine.Descriptions;
using JasperFx.Events.CommandLine;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Weasel.CommandLine;
using Weasel.Core.CommandLine;

namespace CrmLedger.Server;

/// <summary>Marten's own command line on the ledger's database, with the owner's connection.</summary>
public static class MartenAdministration
{
    /// <summary>Those that make sense of a ledger, and no others that a folder's assemblies may bring.</summary>
    private static readonly Type[] s_commands =
    [
        typeof(AssertCommand), typeof(ApplyCommand), typeof(PatchCommand), typeof(DumpCommand),
        typeof(ProjectionsCommand), typeof(EventQueryCommand), typeof(StreamQueryCommand), typeof(DescribeCommand),
    ];

    /// <summary>The verbs.</summary>
    public static IReadOnlyList<string> Verbs { get; } = [.. s_commands.Select(CommandFactory.CommandNameFor)];

    /// <summary>Runs a verb. It writes to the console by itself.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="words">The verb and what follows it.</param>
    /// <param name="cancel">Stops the wait for the database.</param>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string folder, string[] words, CancellationToken cancel)
    {
        var (embedded, connections) = await LedgerHome.ConnectAsync(
            Path.GetFullPath(folder), null, toServe: false, NullLogger.Instance, cancel);
        await using var cluster = embedded;
        await using var database = new LedgerDatabase(connections);
        var host = new HostBuilder().ConfigureServices(services => services.AddMarten(database.ConfigureOwnersStore));
        return await CommandExecutor.For(factory =>
        {
            foreach (var command in s_commands)
                factory.RegisterCommand(command);
            factory.ConfigureRun = run =>
            {
                if (run.Input is IHostBuilderInput input)
                    input.HostBuilder = host;
            };
        }).ExecuteAsync(words);
    }
}
