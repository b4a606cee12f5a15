using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>What the database says of who was read, of whatever subject.</summary>
internal static class Readings
{
    /// <summary>How many readings of a tenant's people are recorded.</summary>
    public static async Task<long> CountAsync(RunningLedger ledger, string tenant)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(ledger.Connections));
        await using var command = admin.CreateCommand(
            "select count(*) from ledger.personal_reads where tenant_id = $1");
        command.Parameters.Add(new() { Value = tenant });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
