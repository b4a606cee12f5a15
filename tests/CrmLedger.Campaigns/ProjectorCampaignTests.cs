using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Promises;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>
/// Whatever happens to those who make the views, the views are folds of the log afterwards, and come to its end by
/// themselves.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProjectorCampaignTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    /// <summary>After so many rounds another tenant is played with.</summary>
    private const int RoundsOfTenant = 10;

    private static readonly string[] s_poison =
        ["""{"promiseId":7}""", "{}", """{"promiseId":"1","reason":"x"}""", """{"promiseId":"1","toTeam":{}}"""];

    private readonly Campaign _campaign = new("ProjectorCampaign", output);
    private ProjectorStage _stage = null!;
    private ProjectionStrikes _strikes = null!;
    private object? _tables;
    private int _rounds;

    public async Task InitializeAsync()
    {
        _stage = await ProjectorStage.SetAsync();
        _strikes = new(_stage);
        await _strikes.PrepareAsync();
        _tables = await _stage.TablesAsync();
    }

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task Views_are_folds_of_the_log_whatever_happens_to_those_who_make_them()
    {
        (string Name, int Rounds, Func<int, Task> PlayAsync)[] kinds =
        [
            ("projector's connections cut, or the server killed, while it projects", Campaign.Size(4, 100), KillAsync),
            ("three projectors active at once", Campaign.Size(1, 100), SeveralAsync),
            ("poison in the log", Campaign.Size(1, 100), PoisonAsync),
            ("rebuild killed before, in and after its swap", Campaign.Size(2, 100), KillRebuildAsync),
        ];
        var rounds = kinds
            .SelectMany(k => Enumerable.Range(0, k.Rounds).Select(i => (k.PlayAsync, Number: i))).ToArray();
        _campaign.Random.Shuffle(rounds);
        foreach (var (play, number) in rounds)
        {
            if (_rounds++ % RoundsOfTenant == 0)
                await _stage.NewTenantAsync(_campaign.Random.Next());
            await play(number);
            await _stage.NoLagAsync();
            await _stage.NoOrphansAsync();
            await _stage.Views.ShouldBeFreshFoldsAsync();
        }
        (await _stage.TablesAsync()).ShouldBe(_tables);

        foreach (var (name, count, _) in kinds)
            _campaign.Say(name, $"{count} times");
        _campaign.Say("longest until the views had caught up", string.Create(CultureInfo.InvariantCulture,
            $"{_stage.LongestLag.TotalSeconds:0.0} s"));
        _campaign.SayBound("rounds", rounds.Length);
        await _campaign.WriteAsync("""
            A server projects while it is written to. After each round: do its views come to the log's end by
            themselves within 30 s, are they what a fresh fold of the log and a rebuild give, row by row, is nothing
            left of older generations and no table too many? Poison, moreover: is its stream alone set aside, listed,
            and mended by a rebuild once the poison is gone?
            """);
    }

    /// <summary>Half of them at a point of a step, half of them whenever it happens.</summary>
    private async Task KillAsync(int number)
    {
        if (number / 2 % 2 == 0)
        {
            await _strikes.KillStepAsync(number / 4, killsServer: number % 2 == 1);
            return;
        }
        var writing = _stage.WriteAsync(4);
        await Task.Delay(_campaign.Random.Next(60));
        if (number % 2 == 1)
            await _stage.KillServerAsync();
        else
            await _stage.CutProjectorAsync();
        await writing;
    }

    /// <summary>Beside the server, which has the lock, two that never asked for it.</summary>
    private async Task SeveralAsync(int number)
    {
        using var enough = new CancellationTokenSource();
        async Task ProjectAsync(ProjectionStep step)
        {
            while (!enough.IsCancellationRequested)
                await step.RunAsync(_stage.Views.Tenant, s_cancel);
        }
        await using var other = new LedgerDatabase(_stage.Connections);
        Task[] projecting = [ProjectAsync(_stage.Views.Step), ProjectAsync(StoredViews.StepOf(other))];
        await _stage.WriteAsync(4);
        await enough.CancelAsync();
        await Task.WhenAll(projecting);
    }

    private async Task PoisonAsync(int number)
    {
        var (stream, position) = await PlantAsync(s_poison[number % s_poison.Length]);
        await _stage.WriteAsync(2);
        var status = await _stage.NoLagAsync();
        ShouldBeAside(status, stream, position);
        string[] others = await OthersAsync(stream);

        await UnplantAsync(position);
        foreach (var view in LedgerViews.All)
            (await _stage.RebuildAsync(view.Name)).Status.ShouldBe(200);

        (await OthersAsync(stream)).ShouldBe(others, "the rows of other streams were right all the while");
        (await _stage.NoLagAsync()).Items("views").ShouldAllBe(v => v.Items("quarantined").Count == 0);
    }

    /// <summary>Half of them after the view had set a stream aside, so that there is a quarantine to remove.</summary>
    private async Task KillRebuildAsync(int number)
    {
        var view = LedgerViews.Find(KeptRateView.ViewName)!;
        long? planted = number / 5 % 2 == 0 ? (await PlantAsync(s_poison[0])).Position : null;
        await _stage.WriteAsync(2);
        await _stage.NoLagAsync();
        if (planted is { } position)
            await UnplantAsync(position);

        var point = (RebuildPoint)(number % Enum.GetValues<RebuildPoint>().Length);
        await _strikes.KillAsync(view.Name, point, killsServer: number / 10 % 2 == 0);
        await _stage.WriteAsync(1);

        await _stage.NoLagAsync();
        await _stage.NoOrphansAsync();
        if (planted is null)
            return;
        foreach (var each in LedgerViews.All)
            (await _stage.RebuildAsync(each.Name)).Status.ShouldBe(200);
    }

    /// <summary>A stream of which the third event cannot be read; what comes before and after it is sound.</summary>
    private async Task<(string Stream, long Position)> PlantAsync(string poison)
    {
        string stream = Given.NewStream();
        var headers = Given.Event(occurredAt: LedgerJson.ToMicroseconds(TimeProvider.System.GetUtcNow())).Headers;
        EventToAppend Of(IEvent e) => EventToAppend.Of(Guid.CreateVersion7(), false, e, headers);
        var made = new PromiseMade("1", "callback", new Sealed("sealed:c2VjcmV0"), headers.OccurredAt.AddDays(1),
            Guid.CreateVersion7(), "north");
        var appended = (await _stage.Sequencer.AppendAsync(AppendRequest.Of(stream, 0,
        [
            Of(made), Of(new PromiseRenegotiationProposed("1", headers.OccurredAt.AddDays(2), "parts")),
            Of(new PromiseReassigned("1", made.MemberId, made.MemberId, "south", "leave")) with
            {
                DataUtf8 = Encoding.UTF8.GetBytes(poison),
            },
            Of(new PromiseDeclaredKept("1")),
        ]), s_cancel)).ShouldBeAppended();
        return (stream, appended[2].Position);
    }

    private Task<object?> UnplantAsync(long position) => _stage.AskAsync("""
        update ledger.mt_events set data = jsonb_build_object('promiseId', '1', 'fromMemberId', gen_random_uuid(),
          'toMemberId', gen_random_uuid(), 'toTeam', 'south', 'reason', 'leave')
        where tenant_id = $1 and seq_id = $2 + 1
        """, _stage.Views.Tenant, position);

    private static void ShouldBeAside(Answer status, string stream, long position)
    {
        foreach (var view in status.Items("views"))
        {
            bool takes = !LedgerViews.Find(view.Text("name")!)!.Skipped.Contains("promise_reassigned");
            view.Items("quarantined").Select(q => (q.Text("streamId")!, q.Number("position")!.Value))
                .ShouldBe(takes ? [(stream, position)] : [], status.Text);
        }
    }

    private async Task<string[]> OthersAsync(string stream) =>
        [.. (await _stage.Views.DumpAsync()).Where(line => !line.Contains(stream, StringComparison.Ordinal))];
}
