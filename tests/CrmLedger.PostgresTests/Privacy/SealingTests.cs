using System.Security.Cryptography;
using System.Text;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Privacy;

public sealed class SealingTests(TestStore store) : IClassFixture<TestStore>
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private static readonly Guid s_anna = Guid.CreateVersion7();
    private static readonly Guid s_ben = Guid.CreateVersion7();

    [Theory]
    [InlineData("Anna Lind")]
    [InlineData("")]
    [InlineData("“Åsa” \\ \n 👩‍👩‍👧")]
    public void A_sealed_text_opens_with_its_subjects_key(string clear)
    {
        byte[] key = KeyWrap.NewKey();

        var text = Sealing.Seal(s_anna, key, clear);

        Sealing.Open(text, key).ShouldBe(clear);
        Sealing.SubjectOf(text).ShouldBe(s_anna);
        Sealing.Open(text, null).ShouldBe("[erased]");
        Sealing.Open(text, SubjectKeys.Lost).ShouldBe("[unreadable]");
        Sealing.Seal(s_anna, key, clear).ShouldNotBe(text, "nobody sees that it is the same text");
    }

    [Fact]
    public void A_sealed_text_opens_with_nothing_else()
    {
        byte[] key = KeyWrap.NewKey();
        var text = Sealing.Seal(s_anna, key, "Anna Lind");

        Should.Throw<CryptographicException>(() => Sealing.Open(text, KeyWrap.NewKey()));
        // Carried to another subject, and altered in each of its characters but the last, of which not all bits count.
        Should.Throw<CryptographicException>(() => Sealing.Open(
            new(text.Ciphertext.Replace($"{s_anna:N}", $"{s_ben:N}", StringComparison.Ordinal)), key));
        for (int i = 0; i < text.Ciphertext.Length - 1; i++)
        {
            var altered = new StringBuilder(text.Ciphertext);
            altered[i] = altered[i] == 'x' ? 'y' : 'x';
            Should.Throw<Exception>(() => Sealing.Open(new(altered.ToString()), key)).ShouldSatisfyAllConditions(
                e => (e is CryptographicException or FormatException).ShouldBeTrue(altered.ToString()));
        }
        string begun = $"sealed.1.{s_anna:N}";
        foreach (string none in new[] { "", "Anna Lind", "sealed.1.", begun, $"{begun}.", "sealed:x" })
        {
            Sealing.SubjectOf(new(none)).ShouldBeNull(none);
            Should.Throw<CryptographicException>(() => Sealing.Open(new(none), key), none);
        }
    }

    [Fact]
    public async Task Every_subject_has_a_key_of_its_own_that_only_its_own_row_opens()
    {
        string tenant = await store.NewTenantAsync();
        var keys = (await new TenantDirectory(store.Database, store.Master).FindAsync(tenant, s_cancel))!;
        var made = new SubjectKeys(store.Database, keys);
        var (anna, ben) = (made.Make(s_anna), made.Make(s_ben));
        anna.Key.ShouldNotBe(ben.Key);
        made.Make(s_anna).Key.ShouldNotBe(anna.Key);
        await store.NewLog(tenant).AppendAsync(NewStreamOf(Event()) with { NewKeys = [anna, ben] }, s_cancel);

        // As another server, which has seen none of them.
        var read = new SubjectKeys(store.Database, keys);
        (await read.FindAsync(s_anna, s_cancel)).ShouldBe(anna.Key);
        var both = await read.FindAsync([s_anna, s_ben, Guid.CreateVersion7()], s_cancel);
        both.Where(k => k.Value != SubjectKeys.Lost).Select(k => k.Key).ShouldBe([s_anna, s_ben], ignoreOrder: true);
        both[s_ben].ShouldBe(ben.Key);
        (await read.FindAsync(Guid.CreateVersion7(), s_cancel)).ShouldBe(SubjectKeys.Lost);

        // Whoever can write to the database cannot give one subject's key to another.
        await store.AsAdminAsync("""
            update ledger.subject_keys k set wrapped_key = o.wrapped_key from ledger.subject_keys o
            where k.tenant_id = $1 and o.tenant_id = $1 and k.subject_id = $2 and o.subject_id = $3
            """, tenant, s_ben, s_anna);
        (await new SubjectKeys(store.Database, keys).FindAsync(s_ben, s_cancel)).ShouldBe(SubjectKeys.Lost);

        // An erased subject has none, once this server was told.
        await store.AsAdminAsync(
            "insert into ledger.erased_subjects values ($1, $2, now(), 'asked')", tenant, s_anna);
        read.Forget(s_anna);
        (await read.FindAsync(s_anna, s_cancel)).ShouldBeNull();
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task Derived_ids_are_stable_differ_between_tenants_and_say_nothing()
    {
        var directory = new TenantDirectory(store.Database, store.Master);
        string tenant = await store.NewTenantAsync();
        var keys = (await directory.FindAsync(tenant, s_cancel))!;
        var others = (await directory.FindAsync(await store.NewTenantAsync(), s_cancel))!;

        var id = keys.CustomerId("anna@example.org");

        (await directory.FindAsync(tenant, s_cancel))!.CustomerId("anna@example.org").ShouldBe(id);
        id.Version.ShouldBe(8);
        (id.Variant & 0b1100).ShouldBe(0b1000, "RFC 9562");
        new[]
        {
            others.CustomerId("anna@example.org"), keys.CustomerId("Anna@example.org"),
            keys.CustomerId("anna@example.or"), keys.MemberId("anna@example.org"),
            keys.ImportId("anna@example.org", ""),
        }.ShouldNotContain(id);
        // Without the key, nobody can find the reference by trying: it is none of the plain hashes of it.
        byte[] reference = Encoding.UTF8.GetBytes("anna@example.org");
        string hex = id.ToString("N")[..8];
        Convert.ToHexStringLower(SHA256.HashData(reference)).ShouldNotStartWith(hex);
        Convert.ToHexStringLower(TenantKeys.Fingerprint(new byte[32], "customer id", reference))
            .ShouldNotStartWith(hex);
        // A thousand neighbours are spread over the whole range.
        Enumerable.Range(0, 1_000).Select(i => keys.CustomerId($"customer {i}").ToByteArray(bigEndian: true)[0])
            .Distinct().Count().ShouldBeGreaterThan(200);
    }
}
