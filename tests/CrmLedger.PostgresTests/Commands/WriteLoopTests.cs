using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Commands;

/// <summary>The write loop, while another server writes between what it decides and what it appends.</summary>
public sealed class WriteLoopTests(TestStore store) : IClassFixture<TestStore>, IAsyncLifetime
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private static readonly DateTimeOffset s_noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly TestClock _clock = new(s_noon);
    private readonly string _stream = NewStream();
    private string _tenant = "";
    private IEventLog _other = null!;
    private InterruptedLog _log = null!;
    private StreamStates _states = null!;
    private WriteLoop _loop = null!;

    public async Task InitializeAsync()
    {
        _tenant = await store.NewTenantAsync();
        var keys = await new TenantDirectory(store.Database, store.Master).FindAsync(_tenant, s_cancel);
        _other = store.NewLog(_tenant, _clock);
        _log = new(store.NewLog(_tenant, _clock));
        _states = new(store.Reader, _tenant);
        _loop = new(_log, _states, new(store.Database, keys!), _clock);
    }

    /// <summary>Whatever a test did, the log is whole after it.</summary>
    public Task DisposeAsync() => store.CheckAsync(_tenant);

    [Fact]
    public async Task A_conflict_is_decided_again_on_the_newer_state()
    {
        _log.Interrupt = () => OtherWritesAsync(_stream, once: true);
        var decidedOn = new List<long>();

        var (_, outcome) = await _loop.RunAsync(StreamKind.Customer, _stream, (stream, _) =>
        {
            decidedOn.Add(stream.Before.Version);
            return stream with { Events = [Event($"as of {stream.Before.Version}")] };
        }, s_cancel);

        decidedOn.ShouldBe([0, 1]);
        outcome!.ShouldBeAppended().ShouldHaveSingleItem().Version.ShouldBe(2);
        (await _states.LoadAsync(StreamKind.Customer, _stream, s_cancel)).Version.ShouldBe(2);
    }

    [Fact]
    public async Task So_is_what_rests_on_another_stream_that_moved_on()
    {
        string seen = NewStream();
        _log.Interrupt = () => OtherWritesAsync(seen, once: true);
        var restedOn = new List<long>();

        var (_, outcome) = await _loop.RunAsync(async _ =>
        {
            long version = (await _states.LoadAsync(StreamKind.Customer, seen, s_cancel)).Version;
            restedOn.Add(version);
            return new(await StreamAsync(_stream, Event())) { Seen = [new(seen, version)] };
        }, s_cancel);

        restedOn.ShouldBe([0, 1]);
        outcome!.ShouldBeAppended().Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_in_the_way_each_time_is_answered_with_a_problem_after_ten_attempts()
    {
        _log.Interrupt = () => OtherWritesAsync(_stream);
        int decisions = 0;

        var (write, outcome) = await _loop.RunAsync(StreamKind.Customer, _stream, (stream, _) =>
        {
            decisions++;
            return stream with { Events = [Event()] };
        }, s_cancel);

        (write.Refusal!.Code, write.Refusal.RetryAfterSeconds, outcome).ShouldBe((ProblemCodes.Contended, 1, null));
        decisions.ShouldBe(10);
        (await store.CheckAsync(_tenant)).Count.ShouldBe(10, "the other server's only");
    }

    [Fact]
    public async Task Nothing_is_refused_on_a_state_that_is_behind_the_log()
    {
        await _states.LoadAsync(StreamKind.Customer, _stream, s_cancel); // from now on it is remembered
        await OtherWritesAsync(_stream);
        var decidedOn = new List<long>();

        var (write, outcome) = await _loop.RunAsync(StreamKind.Customer, _stream, (stream, _) =>
        {
            decidedOn.Add(stream.Before.Version);
            var refusal = new Problem(ProblemCodes.NotFound, $"Not at {stream.Before.Version}.");
            return Task.FromResult<Write>(new(stream) { Refusal = refusal });
        }, s_cancel);

        decidedOn.ShouldBe([0, 1]);
        (write.Refusal!.Detail, outcome).ShouldBe(("Not at 1.", null));
    }

    [Fact]
    public async Task What_does_not_stand_at_the_logs_time_is_decided_again_as_at_that_time()
    {
        _clock.Now = s_noon.AddHours(1);
        await OtherWritesAsync(NewStream());
        _clock.Now = s_noon;
        var decidedAt = new List<Moment>();

        var (_, outcome) = await _loop.RunAsync(StreamKind.Customer, _stream, (stream, now) =>
        {
            decidedAt.Add(now);
            return stream with { Events = [Event()], StandsAt = recordedAt => recordedAt == now.RecordedAt };
        }, s_cancel);

        decidedAt.ShouldBe([new(s_noon, s_noon, false), new(s_noon, s_noon.AddHours(1), false)]);
        outcome!.ShouldBeAppended()[0].RecordedAt.ShouldBe(s_noon.AddHours(1));
    }

    [Fact]
    public async Task Streams_that_are_written_together_are_remembered_each_as_the_log_has_it()
    {
        string second = NewStream(), third = NewStream();
        var (_, outcome) = await _loop.RunAsync(async _ => new(
            await StreamAsync(_stream, Events(2)), await StreamAsync(second), await StreamAsync(third, Events(3))),
            s_cancel);

        outcome!.ShouldBeAppended().Select(e => (e.Stream, e.Version))
            .ShouldBe([(_stream, 1), (_stream, 2), (third, 1), (third, 2), (third, 3)]);
        var versions = new List<long>();
        foreach (string stream in new[] { _stream, second, third })
            versions.Add((await _states.LoadAsync(StreamKind.Customer, stream, s_cancel)).Version);
        versions.ShouldBe([2, 0, 3]);
    }

    private async Task<StreamWrite> StreamAsync(string stream, params EventToAppend[] events) => new(
        StreamKind.Customer, stream, await _states.LoadAsync(StreamKind.Customer, stream, s_cancel), events);

    private async Task OtherWritesAsync(string stream, bool once = false)
    {
        (await _other.AppendAsync(AppendRequest.Of(stream, StreamAppend.AnyVersion, Event()), s_cancel))
            .ShouldBeAppended();
        if (once)
            _log.Interrupt = () => Task.CompletedTask;
    }

    /// <summary>Before each append something else is done.</summary>
    private sealed class InterruptedLog(IEventLog log) : IEventLog
    {
        public Func<Task> Interrupt { get; set; } = () => Task.CompletedTask;

        public DateTimeOffset LatestSeen => log.LatestSeen;

        public async Task<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancel)
        {
            await Interrupt();
            return await log.AppendAsync(request, cancel);
        }

        public ValueTask DisposeAsync() => log.DisposeAsync();
    }
}
