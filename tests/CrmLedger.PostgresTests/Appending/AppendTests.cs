using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Appending;

public abstract class AppendTests(TestStore store)
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Fact]
    public async Task An_event_is_placed_and_answered_with_its_place()
    {
        string tenant = await store.NewTenantAsync();
        string stream = NewStream();
        var e = EventToAppend.Of(Guid.CreateVersion7(), false, new Customers.RelationshipRenewed(),
            new("key:1", new(2026, 3, 2, 9, 30, 0, TimeSpan.Zero), "shop", Guid.CreateVersion7(), "mark",
                new Dictionary<string, string> { ["traceparent"] = "00-1" }), "correlation", "causation");

        var placed = (await store.NewLog(tenant).AppendAsync(AppendRequest.Of(stream, 0, e), s_cancel))
            .ShouldBeAppended().ShouldHaveSingleItem();

        (placed.Id, placed.Type, placed.Stream, placed.Version, placed.Position, placed.Fingerprint)
            .ShouldBe((e.Id, "relationship_renewed", stream, 1L, 0L, "mark"));
        var stored = (await store.CheckAsync(tenant)).ShouldHaveSingleItem().Event;
        stored.LeafHash.ShouldBe(placed.LeafHash);
        stored.RecordedAt.ShouldBe(placed.RecordedAt);
        (stored.CorrelationId, stored.CausationId).ShouldBe(("correlation", "causation"));
        var envelope = stored.ToEnvelope();
        envelope.Data.ShouldBe(e.Data);
        envelope.Headers.Extensions!["traceparent"].ShouldBe("00-1");
        (envelope.Headers with { Extensions = null }).ShouldBe(e.Headers with { Extensions = null });
    }

    [Fact]
    public async Task Many_streams_are_appended_to_together_or_not_at_all()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        string[] streams = [.. Enumerable.Range(0, 20).Select(_ => NewStream())];

        var appended = await log.AppendAsync(
            new([.. streams.Select(s => new StreamAppend(s, 0, Events(3)))], [], null), s_cancel);
        appended.ShouldBeAppended().Select(e => e.Position).ShouldBe(Enumerable.Range(0, 60).Select(i => (long)i));
        var refused = await log.AppendAsync(
            new([.. streams.Select(s => new StreamAppend(s, s == streams[7] ? 2 : 3, Events(1)))], [], null), s_cancel);

        refused.ShouldBe(new AppendOutcome.Conflict(streams[7], 2, 3));
        (await store.CheckAsync(tenant)).Count.ShouldBe(60);
    }

    [Fact]
    public async Task A_stream_that_was_only_seen_must_not_have_moved_on_through_any_server()
    {
        string tenant = await store.NewTenantAsync();
        var (here, there) = (store.NewLog(tenant), store.NewLog(tenant));
        string seen = NewStream();
        AppendRequest Resting(long version) => NewStreamOf(Event()) with { Seen = [new(seen, version)] };
        (await here.AppendAsync(Resting(0), s_cancel)).ShouldBeAppended();
        (await there.AppendAsync(AppendRequest.Of(seen, 0, Event()), s_cancel)).ShouldBeAppended();
        (await here.AppendAsync(Resting(1), s_cancel)).ShouldBeAppended();
        (await there.AppendAsync(AppendRequest.Of(seen, 1, Event()), s_cancel)).ShouldBeAppended();

        // What this one remembers of the stream is behind; the lost swap of the head tells it.
        (await here.AppendAsync(Resting(1), s_cancel)).ShouldBe(new AppendOutcome.Conflict(seen, 1, 2));
        (await here.AppendAsync(Resting(2), s_cancel)).ShouldBeAppended();
        (await store.CheckAsync(tenant)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_stale_version_is_answered_for_its_own_request_only()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        string stream = NewStream();
        await log.AppendAsync(AppendRequest.Of(stream, 0, Event()), s_cancel);

        // While the first one waits for the head, the others come into one batch.
        var held = await HeldHead.TakeAsync(store, tenant);
        var first = log.AppendAsync(NewStreamOf(Event()), s_cancel);
        await held.UntilWaitedForAsync();
        Task<AppendOutcome>[] others =
            [
                log.AppendAsync(AppendRequest.Of(stream, 0, Event()), s_cancel),
                log.AppendAsync(AppendRequest.Of(stream, 1, Event()), s_cancel),
                log.AppendAsync(AppendRequest.Of(stream, 1, Event()), s_cancel),
                log.AppendAsync(AppendRequest.Of(stream, 9, Event()), s_cancel),
                log.AppendAsync(NewStreamOf(Event()), s_cancel),
            ];
        await held.DisposeAsync();
        AppendOutcome[] outcomes = [await first, .. await Task.WhenAll(others)];

        outcomes[0].ShouldBeAppended();
        outcomes[1].ShouldBe(new AppendOutcome.Conflict(stream, 0, 2));
        outcomes[2].ShouldBeAppended();
        outcomes[3].ShouldBe(new AppendOutcome.Conflict(stream, 1, 2));
        outcomes[4].ShouldBe(new AppendOutcome.Conflict(stream, 9, 2));
        outcomes[5].ShouldBeAppended();
        (await store.CheckAsync(tenant)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Any_version_takes_whatever_the_version_is()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        string stream = NewStream();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            log.AppendAsync(AppendRequest.Of(stream, StreamAppend.AnyVersion, Event()), s_cancel)));

        outcomes.SelectMany(o => o.ShouldBeAppended()).Select(e => e.Version)
            .ShouldBe(Enumerable.Range(1, 20).Select(i => (long)i), ignoreOrder: true);
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task A_version_that_another_server_moved_is_read_before_a_conflict_is_answered()
    {
        string tenant = await store.NewTenantAsync();
        var (here, there) = (store.NewLog(tenant), store.NewLog(tenant));
        string stream = NewStream();
        await here.AppendAsync(AppendRequest.Of(stream, 0, Event()), s_cancel);
        await there.AppendAsync(AppendRequest.Of(stream, 1, Event()), s_cancel);

        // What this server remembers (1) is behind; of these, none may be told so.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ =>
            here.AppendAsync(AppendRequest.Of(stream, 2, Event()), s_cancel)));

        outcomes.OfType<AppendOutcome.Appended>().Count().ShouldBe(1);
        outcomes.OfType<AppendOutcome.Conflict>().ShouldAllBe(c => c.ActualVersion == 3);
        (await store.CheckAsync(tenant)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_clients_event_that_is_there_already_is_answered_with_its_place()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        var id = Guid.CreateVersion7();
        var first = (await log.AppendAsync(NewStreamOf(ClientEvent(id)), s_cancel)).ShouldBeAppended()[0];

        var again = await log.AppendAsync(NewStreamOf(ClientEvent(id, "other")), s_cancel);
        var elsewhere = await store.NewLog(tenant)
            .AppendAsync(AppendRequest.Of(NewStream(), 17, Event(), ClientEvent(id)), s_cancel);

        foreach (var outcome in new[] { again, elsewhere })
        {
            var there = outcome.ShouldBeOfType<AppendOutcome.AlreadyThere>().Events.ShouldHaveSingleItem();
            (there.Id, there.Stream, there.Position, there.Fingerprint)
                .ShouldBe((id, first.Stream, first.Position, "newsletter"));
            there.LeafHash.ShouldBe(first.LeafHash);
        }
        (await store.CheckAsync(tenant)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_event_sent_many_times_in_the_same_moment_is_recorded_once()
    {
        string tenant = await store.NewTenantAsync();
        var servers = new[] { store.NewLog(tenant), store.NewLog(tenant) };
        var id = Guid.CreateVersion7();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            servers[i % 2].AppendAsync(NewStreamOf(ClientEvent(id)), s_cancel)));

        outcomes.OfType<AppendOutcome.Appended>().Count().ShouldBe(1);
        outcomes.OfType<AppendOutcome.AlreadyThere>().Count().ShouldBe(19);
        (await store.CheckAsync(tenant)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_used_key_is_answered_with_what_it_was_used_for()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        await log.AppendAsync(NewStreamOf(Events(2)), s_cancel);
        var mark = new IdempotencyMark(KeyWrap.NewKey(), KeyWrap.NewKey());
        (await log.AppendAsync(NewStreamOf(Events(3)) with { Idempotency = mark }, s_cancel)).ShouldBeAppended();

        var same = await store.NewLog(tenant)
            .AppendAsync(NewStreamOf(Events(3)) with { Idempotency = mark }, s_cancel);
        var other = await log.AppendAsync(
            NewStreamOf(Event()) with { Idempotency = mark with { RequestHash = KeyWrap.NewKey() } }, s_cancel);

        same.ShouldBe(new AppendOutcome.KeyUsed(SameRequest: true, FirstPosition: 2, EventCount: 3));
        other.ShouldBe(new AppendOutcome.KeyUsed(SameRequest: false, FirstPosition: 2, EventCount: 3));
        (await store.CheckAsync(tenant)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Of_requests_with_one_key_at_once_one_is_appended()
    {
        string tenant = await store.NewTenantAsync();
        var servers = new[] { store.NewLog(tenant), store.NewLog(tenant) };
        var mark = new IdempotencyMark(KeyWrap.NewKey(), KeyWrap.NewKey());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            servers[i % 2].AppendAsync(NewStreamOf(Events(2)) with { Idempotency = mark }, s_cancel)));

        long first = outcomes.OfType<AppendOutcome.Appended>().ShouldHaveSingleItem().Events[0].Position;
        outcomes.OfType<AppendOutcome.KeyUsed>().Count().ShouldBe(15);
        outcomes.OfType<AppendOutcome.KeyUsed>()
            .ShouldAllBe(k => k.SameRequest && k.FirstPosition == first && k.EventCount == 2);
        (await store.CheckAsync(tenant)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_subjects_key_is_stored_with_the_events_that_bring_the_subject_in()
    {
        string tenant = await store.NewTenantAsync();
        var keys = await new TenantDirectory(store.Database, store.Master).FindAsync(tenant, s_cancel);
        var made = new SubjectKeys(store.Database, keys!).Make(Guid.CreateVersion7());
        var log = store.NewLog(tenant);

        (await log.AppendAsync(NewStreamOf(Event()) with { NewKeys = [made] }, s_cancel)).ShouldBeAppended();
        // A key is never replaced: what was sealed under the first one could not be opened again.
        var another = new SubjectKeys(store.Database, keys!).Make(made.SubjectId);
        var replaced = log.AppendAsync(NewStreamOf(Event()) with { NewKeys = [another] }, s_cancel);
        var bystander = log.AppendAsync(NewStreamOf(Event()), s_cancel);

        await Should.ThrowAsync<LedgerUnavailableException>(replaced);
        (await bystander).ShouldBeAppended();
        (await new SubjectKeys(store.Database, keys!).FindAsync(made.SubjectId, s_cancel)).ShouldBe(made.Key);
        (await store.CheckAsync(tenant)).Count.ShouldBe(2);
    }
}
