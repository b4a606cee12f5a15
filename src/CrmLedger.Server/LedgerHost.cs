using System.Net.Sockets;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Schema;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Postgres;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Demonstration;
using CrmLedger.Server.Events;
using CrmLedger.Server.Hosting;
using CrmLedger.Server.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server;

/// <summary>What <c>crmledger serve</c> was told.</summary>
/// <param name="Home">The data folder.</param>
/// <param name="Urls">Where to listen; null for the default.</param>
/// <param name="NoDemo">Whether to make no demonstration tenant.</param>
/// <param name="PostgresPort">The embedded PostgreSQL's port; null for one that is free.</param>
/// <param name="HomeOption">What other commands must say to find the data folder, or nothing.</param>
public sealed record ServeSettings(
    string Home, string? Urls, bool NoDemo, int? PostgresPort, string HomeOption = "");

/// <summary>Runs the server until it is told to stop.</summary>
public static class LedgerHost
{
    /// <summary>Where the server listens unless it is told otherwise.</summary>
    public const string DefaultUrls = "http://127.0.0.1:5470";

    private const string DemonstrationName = "demo";

    /// <summary>Runs the server.</summary>
    /// <returns>The exit code: 0 when it was stopped, 1 when it could not start or go on.</returns>
    public static async Task<int> RunAsync(ServeSettings settings, CancellationToken cancel)
    {
        using var logs = LoggerFactory.Create(log => log.AddSimpleConsole(c => c.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning));
        try
        {
            await using var home = await LedgerHome.OpenAsync(
                settings.Home, settings.PostgresPort, toServe: true, logs.CreateLogger("CrmLedger.Postgres"), cancel);
            return await ServeAsync(home, settings, cancel);
        }
        catch (Exception failure) when (Explanation(failure) is not null)
        {
            await Console.Error.WriteLineAsync($"The server could not start. {Explanation(failure)}");
            return 1;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>
    /// What to tell somebody whose command failed for a reason that is not a mistake in the program, or null.
    /// </summary>
    public static string? Explanation(Exception failure) => failure switch
    {
        EmbeddedPostgresException or SchemaException or MasterKeyException => failure.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            $"{failure.Message} Stop what listens there, or choose another address with --urls.",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } or StorageFullException =>
            $"The disk is full: {failure.Message} Make room and start it again.",
        NpgsqlException or SocketException or TimeoutException =>
            $"PostgreSQL cannot be reached: {failure.Message} Check ConnectionStrings__Ledger.",
        UnauthorizedAccessException => $"{failure.Message} Choose a data folder that you may write to, with --home.",
        IOException => failure.Message,
        FormatException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } =>
            failure.Message,
        _ => null,
    };

    private static async Task<int> ServeAsync(LedgerHome home, ServeSettings settings, CancellationToken cancel)
    {
        // Who serves has no owner's secret.
        await using var app = LedgerApp
            .CreateBuilder(home.Connections with { Owner = home.Connections.Server }, home.Master,
                checkpointFolder: home.CheckpointFolder)
            .BuildToListen(settings.Urls ?? DefaultUrls);
        await app.StartAsync(cancel);
        string url = app.Urls.First();
        string? key = null;
        if (settings.NoDemo)
            home.Settings.Write(url, key: null);
        else
            key = await DemonstrateAsync(app, home, url, cancel);
        await Console.Out.WriteLineAsync(Greeting(url, home, key, settings));
        using var stopping = cancel.Register(app.Lifetime.StopApplication);
        bool gaveUp = false;
        var lifetime = app.Lifetime;
        _ = home.Embedded?.Failed.ContinueWith(
            failed =>
            {
                gaveUp = true;
                Console.Error.WriteLine($"The server stops. {failed.Result.Message}");
                lifetime.StopApplication();
            },
            TaskScheduler.Default);
        await app.WaitForShutdownAsync(CancellationToken.None);
        return gaveUp ? 1 : 0;
    }

    /// <returns>The key that <c>settings.json</c> holds now.</returns>
    private static async Task<string> DemonstrateAsync(
        WebApplication app, LedgerHome home, string url, CancellationToken cancel)
    {
        var services = app.Services;
        await services.GetRequiredService<TenantDirectory>().FindOrCreateAsync(DemonstrationName, cancel);
        var (key, caller) = await DemonstrationKeyAsync(
            services.GetRequiredService<ApiKeys>(), home.Settings.ReadKey(), cancel);
        home.Settings.Write(url, key);
        var today = DateOnly.FromDateTime(services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        await DemonstrationTenant.SeedAsync(
            await services.GetRequiredService<TenantLedgers>().GetAsync(DemonstrationName),
            services.GetRequiredService<CommandHandling>(), services.GetRequiredService<BulkAppend>(),
            services.GetRequiredService<EventReader>(), caller, today, cancel);
        return key;
    }

    /// <summary>
    /// The key to be saved and the caller who seeds. Whoever put another tenant's key into the settings wants to work
    /// with that tenant: only a key of the demonstration that holds no longer is replaced.
    /// </summary>
    private static async Task<(string Key, Caller Caller)> DemonstrationKeyAsync(
        ApiKeys keys, string? saved, CancellationToken cancel)
    {
        if (saved is not null && await keys.FindAsync(saved, cancel) is { Tenant: DemonstrationName } holder)
            return (saved, holder);
        bool isAnothers = saved is not null && !IsDemonstrations(saved);
        var there = isAnothers ? await keys.ListAsync(DemonstrationName, cancel) : [];
        if (there.Find(k => k.RevokedAt is null) is { } first)
            return (saved!, new(DemonstrationName, first.KeyId, first.Name, first.Scopes));
        const string name = "demonstration";
        var made = await keys.CreateAsync(DemonstrationName, name, Scopes.All, cancel);
        return (isAnothers ? saved! : made.Key, new(DemonstrationName, made.KeyId, name, made.Scopes));
    }

    private static string Greeting(string url, LedgerHome home, string? key, ServeSettings settings) => key is null
        ? $"""
           CrmLedger is running.
             address  {url}
             data     {home.Folder}
           Make a key with: ops/crmledger keys create --tenant NAME --scopes append,read,lead,audit{settings.HomeOption}
           """
        : $"""
           CrmLedger is running.
             address  {url}          (open it and sign in with the key; API described at {url}/docs)
             key      {(IsDemonstrations(key) ? key : "the one in settings.json, which is not the demonstration's")}
             tenant   {DemonstrationName}, a year of a small business
             data     {home.Folder}
           Stop it with Ctrl-C. In another terminal try: ops/crmledger kept-rate --by team{settings.HomeOption}
           """;

    private static bool IsDemonstrations(string key) =>
        key.StartsWith($"crm_{DemonstrationName}_", StringComparison.Ordinal);
}
