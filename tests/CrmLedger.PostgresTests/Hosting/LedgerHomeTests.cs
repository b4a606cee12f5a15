using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Server;
using CrmLedger.Server.Hosting;
using Npgsql;

namespace CrmLedger.PostgresTests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class LedgerHomeTests
{
    [Theory]
    [InlineData("a user for each role", null)]
    [InlineData("the owner for all", "may take the role ledger_owner")]
    [InlineData("a superuser for all", "is a superuser")]
    public async Task A_user_who_can_undo_the_servers_restrictions_is_warned_of(string users, string? warning)
    {
        var roles = await PostgresCluster.NewLedgerAsync();
        var connections = users switch
        {
            "the owner for all" => roles with { Server = await BothAsync(roles) },
            "a superuser for all" => LedgerConnections.Of(await PostgresCluster.AdminOfAsync(roles)),
            _ => roles,
        };
        await using var database = new LedgerDatabase(connections);
        var log = new KeptLog();

        await LedgerHome.WarnOfPowerAsync(database, log, CancellationToken.None);

        if (warning is null)
            log.Lines.ShouldBeEmpty();
        else
            log.Lines.ShouldHaveSingleItem().ShouldContain(warning);
    }

    [Fact]
    public async Task A_data_folder_that_lost_its_master_key_is_refused_and_gets_no_new_one()
    {
        using var home = new TemporaryHome();
        string file = Path.Combine(home.Path, "master.key");
        await KeyAdministration.CreateAsync(home.Path, "acme", "shop", [Scopes.Read], CancellationToken.None);
        File.Delete(file);

        await Should.ThrowAsync<MasterKeyException>(
            () => KeyAdministration.ListAsync(home.Path, "acme", CancellationToken.None));

        File.Exists(file).ShouldBeFalse();
    }

    /// <summary>A user who was granted the owner's role and the server's.</summary>
    private static async Task<string> BothAsync(LedgerConnections roles)
    {
        string user = $"both_{Guid.CreateVersion7():N}";
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(roles));
        await using var create = admin.CreateCommand(
            $"create role {user} login password 'both' in role ledger_owner, ledger_server");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(roles.Server) { Username = user, Password = "both" }.ConnectionString;
    }
}
