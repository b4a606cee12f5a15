using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Projections;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.Campaigns;

/// <summary>
/// A server process that projects, on a database that is written to from here and looked at as its superuser. What is
/// struck can be told apart: the server's connections have a name.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ProjectorStage : IAsyncDisposable
{
    private const string ServersName = "struck";
    private static readonly byte[] s_masterKey = SHA256.HashData("the campaign's"u8);

    private readonly TemporaryHome _home = new();
    private readonly HttpClient _http = new();
    private readonly LedgerConnections _connections;
    private readonly NpgsqlDataSource _admin;
    private readonly string _adminConnection;
    private Sequencer? _sequencer;
    private int _tenants;

    private ProjectorStage(LedgerConnections connections, string adminConnection)
    {
        (_connections, _adminConnection) = (connections, adminConnection);
        _admin = NpgsqlDataSource.Create(adminConnection);
        Database = new(connections);
        string Named(string direct) =>
            new NpgsqlConnectionStringBuilder(direct) { ApplicationName = ServersName }.ConnectionString;
        Server = new(_home.Path, new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = Named(connections.Server),
            ["ConnectionStrings__LedgerOwner"] = Named(connections.Owner),
            ["ConnectionStrings__LedgerLoader"] = Named(connections.Loader),
            [MasterKey.Variable] = Convert.ToBase64String(s_masterKey),
        });
    }

    public ServerProcess Server { get; }

    public LedgerConnections Connections => _connections;

    public LedgerDatabase Database { get; }

    public Sequencer Sequencer => _sequencer!;

    /// <summary>The views of the tenant that is played with at the moment.</summary>
    public StoredViews Views { get; private set; } = null!;

    public RandomHistory History { get; private set; } = null!;

    /// <summary>The longest that the views were behind after something was over.</summary>
    public TimeSpan LongestLag { get; private set; }

    public static async Task<ProjectorStage> SetAsync()
    {
        var connections = await PostgresCluster.NewLedgerAsync();
        var stage = new ProjectorStage(connections, await PostgresCluster.AdminOfAsync(connections));
        await stage.Server.StartAsync();
        return stage;
    }

    /// <summary>From now on another tenant: a log that is short is folded quickly.</summary>
    public async Task NewTenantAsync(int seed)
    {
        string tenant = $"projected-{++_tenants}";
        var tenants = new TenantDirectory(Database, MasterKey.Of(s_masterKey));
        await tenants.FindOrCreateAsync(tenant, CancellationToken.None);
        var key = await new ApiKeys(Database).CreateAsync(
            tenant, "campaign", [Scopes.Read, Scopes.Audit], CancellationToken.None);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Key);
        if (_sequencer is not null)
            await _sequencer.DisposeAsync();
        _sequencer = new(Database, tenant, TimeProvider.System, NullLogger.Instance);
        Views = new(Database, _adminConnection, tenant);
        History = new(_sequencer, null, customers: 6, seed);
        await WriteAsync(2);
    }

    /// <summary>Something happens to each customer, so many times.</summary>
    public async Task WriteAsync(int rounds)
    {
        for (int round = 0; round < rounds; round++)
            await History.RoundAsync();
    }

    /// <summary>Ends the connections with which the server projects, as an administrator may.</summary>
    public Task<object?> CutProjectorAsync() => AskAsync($"""
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and application_name = '{ServersName}' and usename = 'ledger_loader'
        """);

    /// <summary>Kills the server and starts it again.</summary>
    public async Task KillServerAsync()
    {
        await Server.KillAsync();
        await Server.StartAsync();
    }

    /// <summary>Waits until the server says that its views reflect the whole log; nobody else projects.</summary>
    /// <returns>What it says.</returns>
    public async Task<Answer> NoLagAsync()
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var status = await GetStatusAsync();
            if (status.Items("views").All(v => v.Number("lag") == 0))
            {
                LongestLag = waited.Elapsed > LongestLag ? waited.Elapsed : LongestLag;
                return status;
            }
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), $"the views stay behind: {status.Text}");
            await Task.Delay(10);
        }
    }

    /// <summary>Asks the server to make a view again.</summary>
    public async Task<Answer> RebuildAsync(string view)
    {
        using var response = await _http.PostAsync(new Uri(Server.Url, $"/v1/views/{view}/rebuild"), null);
        return await Answer.OfAsync(response);
    }

    /// <summary>
    /// Waits until nothing is left of generations that nobody sees: the server removes it by itself every few seconds.
    /// </summary>
    public Task NoOrphansAsync() => TemporaryHome.UntilAsync(async () => await AskAsync("""
        select not exists (
          select from ledger.view_rows r left join ledger.views v using (tenant_id, view, generation)
          where v.generation is null)
        and not exists (
          select from ledger.quarantine q left join ledger.views v using (tenant_id, view, generation)
          where v.generation is null)
        """) is true, "something is left of old generations");

    /// <summary>The tables of the database.</summary>
    public Task<object?> TablesAsync() => AskAsync("""
        select string_agg(oid::regclass::text, ' ' order by oid::regclass::text) from pg_class
        where relkind in ('r', 'p') and not relispartition
          and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        """);

    /// <summary>Asks or does something as the superuser.</summary>
    public async Task<object?> AskAsync(string sql, params object[] parameters)
    {
        await using var command = _admin.CreateCommand(sql);
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Begins something as the superuser that lasts until the connection is closed.</summary>
    public async Task<NpgsqlConnection> HoldAsync(string sql)
    {
        var holder = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(_adminConnection) { Pooling = false }.ConnectionString);
        await holder.OpenAsync();
        await using var command = new NpgsqlCommand(sql, holder);
        await command.ExecuteNonQueryAsync();
        return holder;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (_sequencer is not null)
            await _sequencer.DisposeAsync();
        await Database.DisposeAsync();
        await _admin.DisposeAsync();
        _http.Dispose();
        _home.Dispose();
    }

    /// <summary>A connection that was cut while it rested fails who takes it up; then there is a new one.</summary>
    private async Task<Answer> GetStatusAsync()
    {
        for (int attempt = 0; ; attempt++)
        {
            using var response = await _http.GetAsync(new Uri(Server.Url, "/v1/status"));
            var answer = await Answer.OfAsync(response);
            if (answer.Status == 200)
                return answer;
            answer.Problem.ShouldBe("unavailable", answer.Text);
            attempt.ShouldBeLessThan(100, answer.Text);
        }
    }
}
