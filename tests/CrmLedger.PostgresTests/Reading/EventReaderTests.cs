using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Reading;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Transparency;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Reading;

public sealed class EventReaderTests(TestStore store) : IClassFixture<TestStore>
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private static readonly DateTimeOffset s_noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_stream_is_read_up_to_every_bound_that_is_given()
    {
        string tenant = await store.NewTenantAsync();
        var sequencer = store.NewLog(tenant);
        var (stream, other) = (NewStream(), NewStream());
        // Versions 1 to 6 at the even positions; the fourth was said to have happened first.
        int[] minutes = [10, 20, 30, 5, 50, 60];
        for (int i = 0; i < minutes.Length; i++)
        {
            var e = Event("mine", s_noon.AddMinutes(minutes[i]));
            await sequencer.AppendAsync(AppendRequest.Of(stream, i, e), s_cancel);
            await sequencer.AppendAsync(AppendRequest.Of(other, i, Event("other")), s_cancel);
        }
        async Task<long[]> VersionsAsync(StreamBounds bounds) =>
            [.. (await store.Reader.ReadStreamAsync(tenant, stream, bounds, s_cancel)).Select(e => e.Version)];

        (await VersionsAsync(new())).ShouldBe([1, 2, 3, 4, 5, 6]);
        (await VersionsAsync(new(AfterVersion: 4))).ShouldBe([5, 6]);
        (await VersionsAsync(new(Version: 3))).ShouldBe([1, 2, 3]);
        (await VersionsAsync(new(Position: 5))).ShouldBe([1, 2, 3], "position 6 is version 4");
        (await VersionsAsync(new(Position: 6))).ShouldBe([1, 2, 3, 4]);
        (await VersionsAsync(new(Until: s_noon.AddMinutes(20)))).ShouldBe([1, 2, 4]);
        (await VersionsAsync(new(Until: s_noon.AddMinutes(20).AddMicroseconds(-1)))).ShouldBe([1, 4]);
        (await VersionsAsync(new(Limit: 2))).ShouldBe([1, 2]);
        (await VersionsAsync(new(1, 5, 7, s_noon.AddMinutes(30), 2))).ShouldBe([2, 3]);
        (await VersionsAsync(new(Position: -1))).ShouldBeEmpty();
        (await store.Reader.ReadStreamAsync(await store.NewTenantAsync(), stream, new(), s_cancel)).ShouldBeEmpty();

        var both = await store.Reader.ReadStreamsAsync(tenant, [stream, other], 4, s_cancel);
        both.Select(e => (e.Stream, e.Version)).ShouldBe(
            new[] { (stream, 1L), (stream, 2L), (stream, 3L), (other, 1L), (other, 2L) }
                .OrderBy(e => e.Item1, StringComparer.Ordinal).ThenBy(e => e.Item2));
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task An_event_is_found_by_its_id_in_its_own_tenant_only()
    {
        string tenant = await store.NewTenantAsync();
        var e = ClientEvent(Guid.CreateVersion7());
        var appended = await store.NewLog(tenant).AppendAsync(NewStreamOf(Event(), e), s_cancel);
        var placed = appended.ShouldBeAppended()[1];

        var found = (await store.Reader.FindAsync(tenant, e.Id, s_cancel))!;
        (found.Id, found.Position, found.Version).ShouldBe((e.Id, 1L, 2L));
        var where = (await store.Reader.FindAppendedAsync(tenant, e.Id, s_cancel))!;
        where.ShouldBe(placed with { LeafHash = where.LeafHash });
        where.LeafHash.ShouldBe(placed.LeafHash);
        (await store.Reader.FindAppendedAsync(tenant, [e.Id, Guid.CreateVersion7()], s_cancel)).Keys.ShouldBe([e.Id]);
        (await store.Reader.FindAsync(tenant, Guid.CreateVersion7(), s_cancel)).ShouldBeNull();
        (await store.Reader.FindAsync(await store.NewTenantAsync(), e.Id, s_cancel)).ShouldBeNull();
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task The_log_is_read_in_pages_that_leave_nothing_out()
    {
        string tenant = await store.NewTenantAsync();
        await store.NewLog(tenant).AppendAsync(NewStreamOf(Events(50)), s_cancel);
        var read = new List<StoredEvent>();
        while (await store.Reader.ReadLogAsync(tenant, read.Count - 1, 7, s_cancel) is { Count: > 0 } page)
        {
            page.Count.ShouldBeLessThanOrEqualTo(7);
            read.AddRange(page);
        }

        read.Select(e => e.Position).ShouldBe(Enumerable.Range(0, 50).Select(i => (long)i));
        read.Select(e => DataOf(e).GetProperty("purpose").GetString())
            .ShouldBe(Enumerable.Range(1, 50).Select(i => $"purpose {i}"));
        (await store.Reader.ReadHeadAsync(tenant, s_cancel)).ShouldBe(new(50, read[^1].RecordedAt));
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task A_time_is_the_position_of_the_last_event_recorded_by_then()
    {
        string tenant = await store.NewTenantAsync();
        var clock = new TestClock(s_noon);
        var sequencer = store.NewLog(tenant, clock);
        (await store.Reader.PositionAtAsync(tenant, s_noon, s_cancel)).ShouldBe(-1, "the log is empty");
        int[] minutes = [0, 0, 1, 5, 5, 5, 9];
        foreach (int minute in minutes)
        {
            clock.Now = s_noon.AddMinutes(minute);
            await sequencer.AppendAsync(NewStreamOf(Event()), s_cancel);
        }
        Task<long> AtAsync(double minute) => store.Reader.PositionAtAsync(
            tenant, s_noon.AddMinutes(minute).ToOffset(TimeSpan.FromHours(2)), s_cancel);

        (await AtAsync(-1)).ShouldBe(-1);
        (await AtAsync(0)).ShouldBe(1);
        (await AtAsync(0.5)).ShouldBe(1);
        (await AtAsync(1)).ShouldBe(2);
        (await store.Reader.PositionAtAsync(tenant, s_noon.AddMinutes(5).AddMicroseconds(-1), s_cancel)).ShouldBe(2);
        (await AtAsync(5)).ShouldBe(5);
        (await AtAsync(8.999)).ShouldBe(5);
        (await AtAsync(9)).ShouldBe(6);
        (await AtAsync(1_000_000)).ShouldBe(6);
        (await store.Reader.PositionAtAsync("nobody", s_noon, s_cancel)).ShouldBe(-1);
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task The_stored_tiles_prove_every_event_and_every_growth()
    {
        int[] sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 600];
        string tenant = await store.NewTenantAsync();
        var sequencer = store.NewLog(tenant);
        var roots = new Dictionary<int, byte[]>();
        var leaves = new List<byte[]>();
        foreach (int size in sizes)
        {
            var placed = await sequencer.AppendAsync(NewStreamOf(Events(size - leaves.Count)), s_cancel);
            leaves.AddRange(placed.ShouldBeAppended().Select(e => e.LeafHash));
            const string head = "select root from ledger.heads where tenant_id = $1";
            roots[size] = (byte[])(await store.AsAdminAsync(head, tenant))!;
            foreach (int index in new[] { 0, size / 3, size - 1 })
            {
                MerkleTree.VerifyInclusion(leaves[index], index, size,
                    TileTree.InclusionPath(index, size, (level, tile) => Tile(tenant, level, tile)), roots[size])
                    .ShouldBeTrue($"leaf {index} of {size}");
            }
            foreach (int old in roots.Keys)
            {
                MerkleTree.VerifyConsistency(old, roots[old], size, roots[size],
                    TileTree.ConsistencyProof(old, size, (level, tile) => Tile(tenant, level, tile)))
                    .ShouldBeTrue($"from {old} to {size}");
            }
        }
        // Later tiles prove the older trees too.
        TileTree.Root(257, (level, tile) => Tile(tenant, level, tile)).ShouldBe(roots[257]);
        (await store.Reader.FindTileAsync(tenant, 0, 3, s_cancel)).ShouldBeNull();
        (await store.Reader.FindTileAsync(tenant, 2, 0, s_cancel)).ShouldBeNull();
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task A_tile_that_has_not_begun_is_none()
    {
        string tenant = await store.NewTenantAsync();
        await store.NewLog(tenant).AppendAsync(NewStreamOf(Events(256)), s_cancel);

        (await store.Reader.FindTileAsync(tenant, 0, 0, s_cancel))!.Length.ShouldBe(256 * 32);
        (await store.Reader.FindTileAsync(tenant, 0, 1, s_cancel)).ShouldBeNull("the next event begins it");
        (await store.Reader.FindTileAsync(tenant, 1, 0, s_cancel))!.Length.ShouldBe(32);
        await store.CheckAsync(tenant);
    }

    private byte[] Tile(string tenant, int level, long index) =>
        store.Reader.FindTileAsync(tenant, level, index, s_cancel).GetAwaiter().GetResult()
        ?? throw new InvalidOperationException($"There is no tile {level}/{index}.");
}
