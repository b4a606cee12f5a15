using System.Runtime.Versioning;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.Server;

namespace CrmLedger.PostgresTests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class LedgerHomeTests
{
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
}
