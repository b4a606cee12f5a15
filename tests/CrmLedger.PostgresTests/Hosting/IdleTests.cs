using CrmLedger.EventStore.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CrmLedger.PostgresTests.Hosting;

/// <summary>A server that nobody asks anything asks the database little, however many tenants it has.</summary>
public sealed class IdleTests
{
    private const int Tenants = 100;
    private const int MostTransactions = 5;
    private const int MostWatches = 6;
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_idle_server_makes_few_transactions_however_many_tenants_there_are()
    {
        var ledger = new RunningLedger
        {
            CheckpointFolder = Directory.CreateTempSubdirectory("crmledger-idle").FullName,
        };
        await ledger.InitializeAsync();
        try
        {
            var tenants = ledger.Services.GetRequiredService<TenantDirectory>();
            for (int i = 0; i < Tenants; i++)
                await tenants.FindOrCreateAsync($"tenant-{i}", CancellationToken.None);
            await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(ledger.Connections));
            double least = double.MaxValue;
            for (int i = 0; i < MostWatches && least > MostTransactions; i++)
            {
                // Each log is signed once, each agent starts, and PostgreSQL itself sees to new tables.
                long before = await TransactionsAsync(admin);
                await Task.Delay(s_watched);
                least = Math.Min(least, (await TransactionsAsync(admin) - before) / s_watched.TotalSeconds);
            }
            least.ShouldBeInRange(1, MostTransactions);
        }
        finally
        {
            await ledger.DisposeAsync();
            Directory.Delete(ledger.CheckpointFolder, recursive: true);
        }
    }

    private static async Task<long> TransactionsAsync(NpgsqlDataSource admin)
    {
        await using var command = admin.CreateCommand("""
            select xact_commit + xact_rollback from pg_stat_database where datname = current_database()
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
