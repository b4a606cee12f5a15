using System.Security.Cryptography;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;

namespace CrmLedger.PostgresTests.Tenants;

public sealed class TenantTests(TestStore store) : IClassFixture<TestStore>
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Fact]
    public async Task A_tenant_is_made_once_whoever_comes_first()
    {
        var directory = new TenantDirectory(store.Database, store.Master);
        (await directory.FindAsync("acme", s_cancel)).ShouldBeNull();

        var made = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => directory.FindOrCreateAsync("acme", s_cancel)));

        byte[] secret = [1, 2, 3];
        var wrapped = made[0].Wrapping.Wrap(secret, "label");
        foreach (var keys in made)
            keys.Wrapping.Unwrap(wrapped, "label").ShouldBe(secret);
        made.Select(k => Convert.ToHexString(k.IndexKey)).Distinct().Count().ShouldBe(1);
        (await directory.ListAsync(s_cancel)).ShouldContain("acme");
        var other = await directory.FindOrCreateAsync("other", s_cancel);
        Should.Throw<CryptographicException>(() => other.Wrapping.Unwrap(wrapped, "label"));
        Should.Throw<CryptographicException>(() => KeyWrap.Unwrap(made[0].IndexKey, wrapped.Bytes, "label"));
        await store.CheckAsync("acme");
    }

    [Fact]
    public async Task Another_master_key_opens_no_tenant_and_the_message_says_what_to_do()
    {
        string tenant = await store.NewTenantAsync();

        var wrong = await Should.ThrowAsync<MasterKeyException>(
            () => new TenantDirectory(store.Database, MasterKey.Of(KeyWrap.NewKey())).FindAsync(tenant, s_cancel));

        wrong.Message.ShouldContain($"does not open tenant '{tenant}'");
        wrong.Message.ShouldContain(MasterKey.Variable);
    }

    [Fact]
    public async Task A_tenants_keys_cannot_be_moved_to_another_tenant()
    {
        var (rich, poor) = (await store.NewTenantAsync(), await store.NewTenantAsync());
        await store.AsAdminAsync("""
            update ledger.tenant_keys t set wrapped_key = o.wrapped_key, wrapped_index_key = o.wrapped_index_key
            from ledger.tenant_keys o where t.tenant_id = $1 and o.tenant_id = $2
            """, poor, rich);

        await Should.ThrowAsync<MasterKeyException>(
            () => new TenantDirectory(store.Database, store.Master).FindAsync(poor, s_cancel));
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("a", true)]
    [InlineData("9-lives", true)]
    [InlineData("", false)]
    [InlineData("-acme", false)]
    [InlineData("Acme", false)]
    [InlineData("ac_me", false)]
    [InlineData("acme\n", false)]
    [InlineData("acmé", false)]
    [InlineData("a'; drop table x; --", false)]
    public void A_tenants_name_is_plain(string name, bool isOne)
    {
        TenantDirectory.IsName(name).ShouldBe(isOne);
        TenantDirectory.IsName(new string('a', 63)).ShouldBeTrue();
        TenantDirectory.IsName(new string('a', 64)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_api_key_says_who_comes_until_it_is_revoked()
    {
        string tenant = await store.NewTenantAsync();
        var keys = new ApiKeys(store.Database);
        var shop = await keys.CreateAsync(tenant, "shop", [Scopes.Append, Scopes.Read], s_cancel);
        var audit = await keys.CreateAsync(tenant, "auditors", [Scopes.Audit], s_cancel);

        var caller = (await keys.FindAsync(shop.Key, s_cancel))!;
        (caller.Tenant, caller.KeyId).ShouldBe((tenant, shop.KeyId));
        caller.Scopes.ShouldBe([Scopes.Append, Scopes.Read]);
        (await keys.ListAsync(tenant, s_cancel)).Select(k => (k.KeyId, k.Name)).ShouldBe(
            [(shop.KeyId, "shop"), (audit.KeyId, "auditors")]);

        (await keys.RevokeAsync(tenant, shop.KeyId, s_cancel)).ShouldBeTrue();
        (await keys.RevokeAsync(tenant, shop.KeyId, s_cancel)).ShouldBeFalse("it does not hold any more");
        (await keys.FindAsync(shop.Key, s_cancel)).ShouldBeNull();
        (await keys.FindAsync(audit.Key, s_cancel)).ShouldNotBeNull();
        (await keys.ListAsync(tenant, s_cancel))[0].RevokedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Nothing_but_the_whole_key_is_one()
    {
        var (tenant, other) = (await store.NewTenantAsync(), await store.NewTenantAsync());
        var keys = new ApiKeys(store.Database);
        var key = await keys.CreateAsync(tenant, "shop", [Scopes.Read], s_cancel);
        string secret = key.Key.Split('_', 4)[3];

        foreach (string wrong in new[]
        {
            "", "crm", key.KeyId, secret, key.Key + "A", key.Key[..^1], key.Key.ToUpperInvariant(),
            $"crm_{other}_{key.KeyId}_{secret}", $"crm_{tenant}_{key.KeyId}_",
            $"crm_{tenant}_0000000000000000_{secret}", $"crm_nobody_{key.KeyId}_{secret}",
            $"crm_{tenant}' or 'a'='a_{key.KeyId}_{secret}",
        })
        {
            (await keys.FindAsync(wrong, s_cancel)).ShouldBeNull(wrong);
        }
        (await keys.RevokeAsync(other, key.KeyId, s_cancel)).ShouldBeFalse("a tenant revokes its own keys only");
        (await keys.ListAsync(other, s_cancel)).ShouldBeEmpty();
        (await keys.FindAsync(key.Key, s_cancel)).ShouldNotBeNull();
        ((string)(await store.AsAdminAsync("select string_agg(k::text, ' ') from ledger.api_keys k"))!)
            .ShouldSatisfyAllConditions(rows => rows.ShouldContain(key.KeyId), rows => rows.ShouldNotContain(secret));
    }
}
