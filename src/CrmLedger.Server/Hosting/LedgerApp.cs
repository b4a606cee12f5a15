using System.Reflection;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.Concerns;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Deadlines;
using CrmLedger.Server.Events;
using CrmLedger.Server.EvidenceBundles;
using CrmLedger.Server.Feedback;
using CrmLedger.Server.FollowUps;
using CrmLedger.Server.Imports;
using CrmLedger.Server.Log;
using CrmLedger.Server.Loyalty;
using CrmLedger.Server.Members;
using CrmLedger.Server.OpenApi;
using CrmLedger.Server.Pages;
using CrmLedger.Server.People;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Preferences;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Projections;
using CrmLedger.Server.Promises;
using CrmLedger.Server.Purchases;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Replays;
using CrmLedger.Server.Responsiveness;
using CrmLedger.Server.Satisfaction;
using CrmLedger.Server.Security;
using CrmLedger.Server.Statements;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Touchpoints;
using CrmLedger.Server.Trust;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Hosting;

/// <summary>What the server is made of: the table of contents of its services and addresses.</summary>
public static class LedgerApp
{
    /// <summary>Registers all services of the server, whatever will listen for it; nothing is connected to.</summary>
    /// <param name="connections">How to reach PostgreSQL.</param>
    /// <param name="master">Opens the tenants' keys.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="watchesDeadlines">Whether it records deadlines as they pass.</param>
    /// <param name="checkpointFolder">
    /// Where the last checkpoint of each log and the journal of who was erased are kept outside the database; null for
    /// nowhere.
    /// </param>
    public static WebApplicationBuilder CreateBuilder(
        LedgerConnections connections, MasterKey master, TimeProvider? clock = null, bool watchesDeadlines = true,
        string? checkpointFolder = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new() { ApplicationName = Assembly.GetExecutingAssembly().GetName().Name });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        // Addresses hold references, which are personal: requests are never logged.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("CrmLedger", LogLevel.Information)
            // Why a page failed is told in a line of ours.
            .AddFilter("Marten", LogLevel.Critical);
        builder.Services.AddRoutingCore().AddLedgerOpenApi().AddPages()
            .AddSingleton(clock ?? TimeProvider.System).AddSingleton(master)
            .AddSingleton(services => new LedgerDatabase(
                connections, services.GetRequiredService<ILoggerFactory>()))
            .AddSingleton<EventReader>().AddSingleton<TenantDirectory>()
            .AddSingleton<ApiKeys>().AddSingleton<KnownKeys>()
            .AddSingleton(new ErasureJournal(checkpointFolder)).AddSingleton<ErasedSubjects>()
            .AddSingleton<MergedCustomers>().AddSingleton<Erasure>().AddHostedService<ErasureWatcher>()
            .AddSingleton<CustomerExportEndpoint>().AddSingleton<PersonalReads>()
            .AddSingleton(new OutsideCopy(checkpointFolder)).AddSingleton<StoredTree>().AddSingleton<LogKeys>()
            .AddSingleton<CheckpointSigner>().AddSingleton<LogStops>().AddHostedService<CheckpointWatcher>()
            .AddSingleton<TenantLedgers>().AddSingleton<CommandHandling>().AddSingleton<BulkAppend>()
            .AddSingleton<ProjectionStep>().AddSingleton<LogFold>().AddSingleton<Rebuild>()
            .AddSingleton<ConsistencyCheck>().AddSingleton<ViewReader>()
            .AddSingleton<PeopleSearch>().AddSingleton<MembersEndpoint>()
            .AddSingleton<LogAside>().AddSingleton<StandingViews>().AddSingleton<CustomerStreams>()
            .AddSingleton<HistoryEndpoint>().AddSingleton<CustomerCommitmentsEndpoint>().AddSingleton<ReplayEndpoint>()
            .AddSingleton<OpenCommitmentsEndpoint>().AddSingleton<KeptRateEndpoint>()
            .AddSingleton<QuietEndpoint>().AddSingleton<PracticesEndpoint>()
            .AddSingleton<KeptRatePromisesEndpoint>().AddSingleton<KeptRateChangeEndpoint>()
            .AddSingleton<KeptRateRankingEndpoint>().AddSingleton<DueEndpoint>()
            .AddSingleton<TrustEndpoint>().AddSingleton<TrustRankingEndpoint>().AddSingleton<DiffEndpoint>()
            .AddSingleton<LoyaltyEndpoint>().AddSingleton<LoyaltyCountEndpoint>()
            .AddSingleton<LoyaltyCustomersEndpoint>().AddSingleton<RelationshipCounts>()
            .AddSingleton<SatisfactionEndpoint>().AddSingleton<FeedbackEndpoint>()
            .AddSingleton<ResponsivenessEndpoint>()
            .AddSingleton<StatementSigner>().AddSingleton<EvidenceBundle>().AddSingleton<EvidenceEndpoint>()
            .AddSingleton<LedgerNotifications>()
            .AddHostedService(services => services.GetRequiredService<LedgerNotifications>())
            .AddHostedService<MasterKeyWatcher>().AddSingleton<ViewMending>().AddHostedService<ViewDaemon>()
            .AddSingleton<PassedDeadlines>();
        if (watchesDeadlines)
            builder.Services.AddHostedService<DeadlineWatcher>();
        return builder;
    }

    /// <summary>Builds the server to listen with Kestrel; it is not started.</summary>
    /// <param name="builder">Its services.</param>
    /// <param name="urls">Where to listen.</param>
    /// <param name="pagesFolder">Where the pages are; <c>wwwroot</c> beside the program unless given.</param>
    public static WebApplication BuildToListen(
        this WebApplicationBuilder builder, string urls, string? pagesFolder = null)
    {
        builder.WebHost.UseKestrelCore().UseUrls(urls).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.BatchBytes + 1024;
        });
        var app = builder.Build();
        app.MapLedger(pagesFolder);
        return app;
    }

    /// <summary>Lays out what every request passes and all addresses.</summary>
    /// <param name="app">The server, built and not started.</param>
    /// <param name="pagesFolder">Where the pages are; <c>wwwroot</c> beside the program unless given.</param>
    public static void MapLedger(this WebApplication app, string? pagesFolder = null)
    {
        app.UseProblems();
        app.UseRouting();
        app.UseApiKeys();
        app.UseReadings();
        MapEverything(app);
        app.UsePages(pagesFolder ?? Path.Combine(AppContext.BaseDirectory, "wwwroot"));
    }

    private static void MapEverything(WebApplication app)
    {
        var v1 = app.MapGroup("/v1");
        v1.MapCustomers();
        v1.MapMembers();
        MembersEndpoint.Map(v1);
        v1.MapTouchpoints();
        v1.MapPromises();
        v1.MapFollowUps();
        v1.MapConcerns();
        v1.MapFeedback();
        v1.MapPreferences();
        v1.MapPurchases();
        v1.MapImports();
        v1.MapPolicies();
        v1.MapEvents();
        HistoryEndpoint.Map(v1);
        CustomerCommitmentsEndpoint.Map(v1);
        ReplayEndpoint.Map(v1);
        Erasure.Map(v1);
        CustomerExportEndpoint.Map(v1);
        ReadingsPage.Map(v1);
        OpenCommitmentsEndpoint.Map(v1);
        KeptRateEndpoint.Map(v1);
        KeptRatePromisesEndpoint.Map(v1);
        KeptRateChangeEndpoint.Map(v1);
        KeptRateRankingEndpoint.Map(v1);
        DueEndpoint.Map(v1);
        QuietEndpoint.Map(v1);
        PracticesEndpoint.Map(v1);
        TrustEndpoint.Map(v1);
        TrustRankingEndpoint.Map(v1);
        LoyaltyEndpoint.Map(v1);
        LoyaltyCountEndpoint.Map(v1);
        LoyaltyCustomersEndpoint.Map(v1);
        SatisfactionEndpoint.Map(v1);
        FeedbackEndpoint.Map(v1);
        ResponsivenessEndpoint.Map(v1);
        DiffEndpoint.Map(v1);
        EvidenceEndpoint.Map(v1);
        app.MapLog();
        WhoAmI.Map(v1);
        v1.MapViews();
        app.MapLedgerOpenApi();
        app.MapGet("/health/live", () => Results.Text("live")).ExcludeFromDescription();
        app.MapGet("/health/ready", ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(LedgerDatabase database, CancellationToken cancel)
    {
        try
        {
            await using var command = database.Server.CreateCommand("select count(*) from ledger.migrations");
            await command.ExecuteScalarAsync(cancel);
            return Results.Text("ready");
        }
        catch (Exception unreachable) when (unreachable is NpgsqlException or TimeoutException)
        {
            return LedgerProblems.Result(
                new(ProblemCodes.Unavailable, "The database does not answer.", RetryAfterSeconds: 2));
        }
    }
}
