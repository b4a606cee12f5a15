using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.Postgres;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Projections;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.Campaigns;

/// <summary>Looks at the cluster that a server left in its data folder, without the server.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ClusterOracle
{
    /// <summary>
    /// The log holds what was acknowledged and nothing else, every rule of it holds, and every view is a fresh fold.
    /// </summary>
    /// <returns>How many events there are.</returns>
    public static async Task<int> CheckAsync(
        string home, string tenant, IReadOnlyCollection<Acknowledged> acknowledged)
    {
        await using var cluster = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { Home = home }, NullLogger.Instance, CancellationToken.None);
        string admin = new NpgsqlConnectionStringBuilder(cluster.AdminConnectionString)
        {
            Database = new NpgsqlConnectionStringBuilder(cluster.OwnerConnectionString).Database,
            Pooling = false,
        }.ConnectionString;
        var rows = await WholeLog.CheckAsync(admin, tenant);
        rows.Select(r => new Acknowledged(r.Event.Id, r.Event.Stream, r.Event.Version, r.Event.Position))
            .ShouldBe(acknowledged.OrderBy(a => a.Position));
        await using var database = new LedgerDatabase(new(cluster.OwnerConnectionString,
            cluster.ServerConnectionString, cluster.LoaderConnectionString));
        await new StoredViews(database, admin, tenant).ShouldBeFreshFoldsAsync();
        return rows.Count;
    }
}
