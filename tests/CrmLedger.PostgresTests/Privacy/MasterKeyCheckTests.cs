using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>A database is served with the master key that it was made with, or not at all.</summary>
public sealed class MasterKeyCheckTests : IAsyncLifetime
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private readonly string _home = Path.Combine(Path.GetTempPath(), $"crmledger-key-{Guid.CreateVersion7():N}");
    private LedgerDatabase _database = null!;
    private LedgerConnections _connections = null!;

    private string KeyFile => Path.Combine(_home, "master.key");

    public async Task InitializeAsync()
    {
        _connections = await PostgresCluster.NewLedgerAsync();
        _database = new(_connections);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        if (Directory.Exists(_home))
            Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task The_first_server_makes_the_key_and_the_next_ones_take_it()
    {
        await LoadAsync();
        string made = await File.ReadAllTextAsync(KeyFile);
        await LoadAsync();
        await LoadAsync(environment: made.Trim());

        (await File.ReadAllTextAsync(KeyFile)).ShouldBe(made);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_key_is_not_replaced_by_a_new_one(bool withTenant)
    {
        var master = await LoadAsync();
        if (withTenant)
            await MakeTenantAsync(master);
        File.Move(KeyFile, KeyFile + ".lost");

        var refused = await Should.ThrowAsync<MasterKeyException>(() => LoadAsync());

        refused.Message.ShouldBe($"There is no master key in {_home}, and the database was made with one, without "
            + "which no name in it can be read: put that one into master.key of the data folder, or into the "
            + "environment variable CRMLEDGER_MASTER_KEY.");
        File.Exists(KeyFile).ShouldBeFalse();
        File.Move(KeyFile + ".lost", KeyFile);
        await LoadAsync();
    }

    [Fact]
    public async Task Another_key_is_refused_before_it_seals_anything()
    {
        await LoadAsync();

        var refused = await Should.ThrowAsync<MasterKeyException>(
            () => LoadAsync(Convert.ToBase64String(KeyWrap.NewKey())));

        refused.Message.ShouldStartWith(
            "The master key is not this database's, which was made with another one, number 1;");
        refused.Message.ShouldContain("put that one into master.key");
    }

    [Fact]
    public async Task A_database_that_is_older_than_the_check_is_known_by_its_tenants()
    {
        byte[] key = KeyWrap.NewKey();
        await MakeTenantAsync(MasterKey.Of(key));

        (await Should.ThrowAsync<MasterKeyException>(() => LoadAsync())).Message.ShouldContain("no master key");
        (await Should.ThrowAsync<MasterKeyException>(() => LoadAsync(Convert.ToBase64String(KeyWrap.NewKey()))))
            .Message.ShouldContain("does not open tenant 'acme'");
        await LoadAsync(Convert.ToBase64String(key));
        (await Should.ThrowAsync<MasterKeyException>(() => LoadAsync(Convert.ToBase64String(KeyWrap.NewKey()))))
            .Message.ShouldContain("not this database's");
    }

    [Fact]
    public async Task Of_servers_that_start_at_once_with_different_keys_one_goes_on()
    {
        async Task<bool> StartsAsync()
        {
            try
            {
                await LoadAsync(Convert.ToBase64String(KeyWrap.NewKey()));
                return true;
            }
            catch (MasterKeyException)
            {
                return false;
            }
        }

        (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartsAsync()))).Count(started => started).ShouldBe(1);
    }

    private Task<MasterKey> LoadAsync(string? environment = null) =>
        MasterKeyCheck.LoadAsync(_database, _home, environment, s_cancel);

    private Task<TenantKeys> MakeTenantAsync(MasterKey master) =>
        new TenantDirectory(_database, master).FindOrCreateAsync("acme", s_cancel);
}
