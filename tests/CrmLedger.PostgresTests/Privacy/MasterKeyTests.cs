using System.Runtime.Versioning;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Postgres;
using CrmLedger.PostgresTests.Appending;

namespace CrmLedger.PostgresTests.Privacy;

[UnsupportedOSPlatform("windows")]
public sealed class MasterKeyTests(TestStore store) : IClassFixture<TestStore>, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string s_other = Convert.ToBase64String(KeyWrap.NewKey());

    private readonly string _home = Path.Combine(Path.GetTempPath(), $"crmledger-key-{Guid.CreateVersion7():N}");

    private string KeyFile => Path.Combine(_home, "master.key");

    public void Dispose()
    {
        if (Directory.Exists(_home))
            Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task The_file_is_made_once_and_for_its_owner_alone()
    {
        var made = MasterKey.Load(_home, environment: null);

        File.GetUnixFileMode(KeyFile).ShouldBe(OwnerOnly);
        string text = File.ReadAllText(KeyFile);
        Convert.FromBase64String(text.Trim()).Length.ShouldBe(32);
        (await IsSameAsync(made, MasterKey.Load(_home, environment: ""))).ShouldBeTrue();
        File.ReadAllText(KeyFile).ShouldBe(text);
        Directory.GetFiles(_home).ShouldBe([KeyFile], "no draft is left behind");
    }

    [Fact]
    public async Task Servers_that_start_at_once_agree_on_one_key()
    {
        for (int round = 0; round < 20; round++)
        {
            string home = Path.Combine(_home, $"{round}");
            using var start = new Barrier(8);
            var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return MasterKey.Load(home, null);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            foreach (var key in keys[1..])
                (await IsSameAsync(keys[0], key)).ShouldBeTrue($"in round {round}");
            Directory.GetFiles(home).ShouldBe([Path.Combine(home, "master.key")]);
        }
    }

    [Fact]
    public void A_file_system_without_hard_links_is_refused_with_the_way_out()
    {
        bool Refuse(string draft, string file) => throw new IOException("Operation not permitted.");

        var refused = Should.Throw<MasterKeyException>(() => MasterKey.Load(_home, null, Refuse));

        refused.Message.ShouldContain($"The master key {KeyFile} cannot be made: Operation not permitted.");
        refused.Message.ShouldContain(MasterKey.Variable);
        Directory.GetFiles(_home).ShouldBeEmpty("no draft is left behind");
        Should.Throw<IOException>(() => UnixFiles.TryLink("/proc/version", Path.Combine(_home, "link")))
            .Message.ShouldContain("/proc/version");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_file_that_others_may_use_is_refused(UnixFileMode open)
    {
        MasterKey.Load(_home, null);
        File.SetUnixFileMode(KeyFile, OwnerOnly | open);

        Should.Throw<MasterKeyException>(() => MasterKey.Load(_home, null)).Message
            .ShouldBe($"Others may use the master key {KeyFile} ({open}). Run: chmod 600 {KeyFile}");

        File.SetUnixFileMode(KeyFile, OwnerOnly);
        MasterKey.Load(_home, null);
    }

    [Fact]
    public async Task The_environments_key_goes_before_the_files()
    {
        var fromFile = MasterKey.Load(_home, null);

        var named = MasterKey.Load(_home, s_other);

        (await IsSameAsync(named, fromFile)).ShouldBeFalse();
        (await IsSameAsync(named, MasterKey.Of(Convert.FromBase64String(s_other)))).ShouldBeTrue();
        MasterKey.Load(Path.Combine(_home, "never"), s_other);
        Directory.Exists(Path.Combine(_home, "never")).ShouldBeFalse("no file is made that nobody needs");
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Anything_but_32_bytes_in_base64_is_refused_and_not_repeated_in_the_message(string text)
    {
        Should.Throw<MasterKeyException>(() => MasterKey.Load(_home, text)).Message
            .ShouldBe("The master key in the environment variable CRMLEDGER_MASTER_KEY is not 32 bytes in base64.");
        MasterKey.Load(_home, null);
        File.WriteAllText(KeyFile, text);
        Should.Throw<MasterKeyException>(() => MasterKey.Load(_home, null)).Message
            .ShouldBe($"The master key in {KeyFile} is not 32 bytes in base64.");
    }

    /// <summary>Whether one opens what the other wraps.</summary>
    private async Task<bool> IsSameAsync(MasterKey one, MasterKey other)
    {
        string tenant = $"t{Guid.CreateVersion7():N}";
        await new TenantDirectory(store.Database, one).FindOrCreateAsync(tenant, CancellationToken.None);
        try
        {
            var opened = await new TenantDirectory(store.Database, other).FindAsync(tenant, CancellationToken.None);
            return opened is not null;
        }
        catch (MasterKeyException)
        {
            return false;
        }
    }
}
