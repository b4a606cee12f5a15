using System.Diagnostics;
using System.Text.RegularExpressions;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Verification;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Transparency;
using Npgsql;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>
/// A database administrator, who may do anything but has no key, changes a ledger below a checkpoint that an auditor
/// holds.
/// </summary>
public sealed class TamperingCampaignTests(TestStore store, ITestOutputHelper output) : IClassFixture<TestStore>
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    private static readonly string[] s_tables =
    [
        "mt_events", "mt_streams", "tiles", "tile_edges", "heads", "log_keys", "checkpoints", "views", "view_rows",
        "tenant_keys", "subject_keys", "erased_subjects",
    ];

    private readonly Dictionary<string, SignedCheckpoint> _held = [];
    private string[] _tenants = [];

    [Fact]
    public async Task Whatever_an_administrator_changes_is_found_and_its_place_is_named()
    {
        var campaign = new Campaign("TamperingCampaign", output);
        _tenants = [await LogAsync(campaign.Seed), await LogAsync(campaign.Seed + 1)];
        await KeepAsync();
        (await VerifyAsync()).Findings.ShouldBeEmpty();
        int trials = Campaign.Size(small: Tampering.All.Count / 2, full: 1_000);
        int first = campaign.Random.Next(Tampering.All.Count);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        long started = Stopwatch.GetTimestamp();
        for (int trial = 0; trial < trials; trial++)
        {
            string name = trial % 10 == 9
                ? await ForgeAsync(campaign.Random)
                : await TamperAsync(Tampering.All[(first + trial - trial / 10) % Tampering.All.Count], campaign.Random);
            counts[name] = counts.GetValueOrDefault(name) + 1;
            await RestoreAsync();
            var clean = await VerifyAsync();
            clean.Findings.ShouldBeEmpty($"restored after {name}");
            (clean.Count, clean.Tenants.Sum(t => t.Checkpoints)).ShouldBe((0, 2));
        }
        campaign.Say("log", $"two tenants of {_held[_tenants[0]].Checkpoint.Size:N0} and "
            + $"{_held[_tenants[1]].Checkpoint.Size:N0} events");
        campaign.Say("tamperings", string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}")));
        campaign.Say("took", $"{Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s");
        campaign.SayBound("tamperings, each found at its place", trials);
        campaign.SayBound("clean runs, none with a finding", trials);
        await campaign.WriteAsync("""
            A database administrator changes, deletes, inserts, reorders and renumbers rows, swaps them between tenants,
            edits tiles, heads, streams and views, forges whole logs and signs them with a key of their own. Does
            `crmledger verify database` find each, and name its place? Does it ever find something in what is as it was?
            """);
    }

    /// <summary>A log of some hundred events with its views, signed.</summary>
    private async Task<string> LogAsync(int seed)
    {
        string tenant = await store.NewTenantAsync();
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var keys = (await new TenantDirectory(store.Database, store.Master).FindAsync(tenant, s_cancel))!;
        var history = new RandomHistory(store.NewLog(tenant, clock), clock, customers: 10, seed)
        {
            Keys = new(store.Database, keys),
        };
        await history.AddMemberAsync();
        do
        {
            await history.RoundAsync();
        }
        while ((await store.Reader.ReadHeadAsync(tenant, s_cancel)).Size < 300);
        await new StoredViews(store, tenant).CatchUpAsync();
        var signer = new CheckpointSigner(store.Database, new(store.Database), new(store.Reader), new(null));
        _held[tenant] = await signer.SignAsync(keys, s_cancel);
        return tenant;
    }

    private Task<VerificationReport> VerifyAsync() =>
        new DatabaseVerification(store.Database, store.Master, new(null)).RunAsync(
            new(_tenants, [.. _held.Values.Select(h => new HeldCheckpoint("the auditor's", h))], []), null, s_cancel);

    private async Task<string> TamperAsync(Tampering tampering, Random random)
    {
        var (tenant, other) = random.Next(2) == 0 ? (_tenants[0], _tenants[1]) : (_tenants[1], _tenants[0]);
        long size = _held[tenant].Checkpoint.Size;
        long position = random.NextInt64(1, Math.Min(size, _held[other].Checkpoint.Size) - 1);
        long tile = random.NextInt64(size / 256);
        string stream = (string)(await store.AsAdminAsync(
            "select stream_id from ledger.mt_events where tenant_id = $1 and seq_id = $2 + 1", tenant, position))!;
        string[] row = ((string)(await store.AsAdminAsync("""
            select concat_ws('|', view, trim(stream_id || ' ' || key), stream_id || key || valid_from)
            from ledger.view_rows where tenant_id = $1
            order by md5(stream_id || key || valid_from || $2) limit 1
            """, tenant, position.ToString()))!).Split('|');
        string Filled(string text, Func<string, string> quote) => text
            .Replace("{E}", $"tenant_id = '{tenant}' and seq_id = {position} + 1").Replace("{T}", tenant)
            .Replace("{O}", other).Replace("{p}", $"{position}").Replace("{q}", $"{position + 1}")
            .Replace("{s}", $"{size}").Replace("{t}", $"{tile}").Replace("{l}", $"{tile * 256 + position % 256}")
            .Replace("{stream}", quote(stream)).Replace("{subject}", stream[(stream.IndexOf('-') + 1)..])
            .Replace("{view}", quote(row[0])).Replace("{row}", quote(row[1]))
            .Replace("{rowKey}", row[2]);
        await store.AsAdminAsync(
            "set session_replication_role = replica; " + Filled(tampering.Sql, text => text) + "; reset all");
        var report = await VerifyAsync();
        string place = Filled(tampering.Place, Regex.Escape);
        report.Findings.ShouldContain(f => Regex.IsMatch(f.Place, place),
            $"{tampering.Name} at {position}: {string.Join('\n', report.Findings.Take(10))}");
        report.Count.ShouldBeGreaterThan(0);
        return tampering.Name;
    }

    /// <summary>
    /// Writes another history with everything that belongs to it: leaf, tiles, root, and checkpoints that are gone or
    /// signed with the forger's own key.
    /// </summary>
    private async Task<string> ForgeAsync(Random random)
    {
        string tenant = _tenants[random.Next(2)];
        long size = _held[tenant].Checkpoint.Size;
        long position = random.NextInt64(size);
        await store.AsAdminAsync("""
            update ledger.mt_events set data = data || '{"forged":1}' where tenant_id = $1 and seq_id = $2 + 1
            """, tenant, position);
        var stored = await store.Reader.ReadLogAsync(tenant, -1, (int)size, s_cancel);
        byte[][] leaves = [.. stored.Select(e => e.HashLeaf(tenant))];
        var forged = TreeEdge.Empty.Append(leaves);
        foreach (var tile in forged.FullTiles)
        {
            await store.AsAdminAsync(
                "update ledger.tiles set hashes = $4 where tenant_id = $1 and level = $2 and index = $3",
                tenant, (short)tile.Level, tile.Index, tile.Hashes);
        }
        foreach (var edge in forged.Edge.Edges)
        {
            await store.AsAdminAsync($"""
                set session_replication_role = replica;
                update ledger.tile_edges set hashes = '\x{Convert.ToHexString(edge.Hashes)}'
                where tenant_id = '{tenant}' and level = {edge.Level}; reset all
                """);
        }
        await store.AsAdminAsync($"""
            set session_replication_role = replica;
            update ledger.heads set root = '\x{Convert.ToHexString(forged.Root)}' where tenant_id = '{tenant}';
            reset all
            """);
        string name = random.Next(3) switch
        {
            0 => "forge all and drop the checkpoints",
            1 => "forge all and sign with another key",
            _ => "forge all and leave the checkpoints",
        };
        if (name.Contains("drop", StringComparison.Ordinal))
            await store.AsAdminAsync("delete from ledger.checkpoints where tenant_id = $1", tenant);
        if (name.Contains("sign", StringComparison.Ordinal))
            await SignAsync(tenant, forged, random);
        var report = await VerifyAsync();
        report.Findings.ShouldContain(f => f.Kind == FindingKind.Checkpoint && f.Place == $"checkpoint of size {size}",
            $"{name}: {string.Join('\n', report.Findings.Take(10))}");
        return name;
    }

    private async Task SignAsync(string tenant, TreeGrowth forged, Random random)
    {
        byte[] seed = new byte[32];
        random.NextBytes(seed);
        var key = new SignerKey(_held[tenant].Checkpoint.Origin, SignatureKind.Ed25519, seed);
        var signed = SignedCheckpoint.Sign(new(key.Verifier.Name, forged.Edge.Size, forged.Root), key);
        await store.AsAdminAsync("update ledger.log_keys set public_key = $2 where tenant_id = $1",
            tenant, key.Verifier.PublicKey);
        await store.AsAdminAsync("update ledger.checkpoints set note = $2, root = $3 where tenant_id = $1",
            tenant, signed.ToUtf8(), forged.Root);
    }

    /// <summary>Keeps all rows aside, and takes the constraints away, though not what finds rows fast.</summary>
    private async Task KeepAsync()
    {
        await store.AsAdminAsync("create schema kept");
        foreach (string table in s_tables)
            await store.AsAdminAsync($"create table kept.{table} as select * from ledger.{table}");
        await store.AsAdminAsync("""
            do $$
            declare
              c record;
            begin
              for c in select conrelid::regclass as t, conname from pg_constraint
                where connamespace = 'ledger'::regnamespace and contype in ('c', 'u', 'p', 'f')
                  and conrelid in ('ledger.mt_events'::regclass, 'ledger.tiles'::regclass,
                    'ledger.tile_edges'::regclass, 'ledger.heads'::regclass, 'ledger.checkpoints'::regclass)
              loop
                execute format('alter table %s drop constraint %I cascade', c.t, c.conname);
              end loop;
            end $$;
            drop index ledger.uq_mt_events_id, ledger.pk_mt_events_stream_and_version;
            create table kept.of_nobody (like ledger.mt_events);
            alter table ledger.mt_events attach partition kept.of_nobody for values in ('nobody');
            create index on ledger.mt_events (tenant_id, seq_id);
            create index on ledger.mt_events (tenant_id, stream_id, version);
            create index on ledger.tiles (tenant_id, level, index);
            create index on ledger.tile_edges (tenant_id);
            create index on ledger.heads (tenant_id);
            create index on ledger.checkpoints (tenant_id, origin, size)
            """);
    }

    private async Task RestoreAsync()
    {
        await using var admin = NpgsqlDataSource.Create(store.Admin);
        await using var command = admin.CreateCommand("set session_replication_role = replica; "
            + string.Concat(
                s_tables.Select(t => $"delete from ledger.{t}; insert into ledger.{t} select * from kept.{t};"))
            + "reset all");
        await command.ExecuteNonQueryAsync();
    }
}
