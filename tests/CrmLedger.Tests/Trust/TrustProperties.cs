using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.Tests.Customers;
using CrmLedger.Trust;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Trust;

/// <summary>
/// What holds for every history. A failure prints the commands and the seed; give the seed to <c>Config.WithReplay</c>
/// to see it again.
/// </summary>
public class TrustProperties
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(10_000).WithEndSize(80);
    private static readonly TrustView s_view = new();

    [Fact]
    public void The_points_of_all_events_and_the_start_sum_to_the_score_exactly() => ForAll((stream, random) =>
    {
        var time = stream[^1].Moment.RecordedAt.AddHours(random.Next(10_000));
        var trust = CustomerTrust.Fold(stream).At(TrustPolicies.Default, time);
        var sum = trust.Contributions.Aggregate(trust.Score.Start.Numerator, (so, c) => so + c.Points.Numerator);
        sum.ShouldBe(trust.Score.Score.Numerator);
        trust.Contributions.ShouldAllBe(c => c.Points.Denominator == trust.Score.Score.Denominator);
        trust.Score.Score.Round(4).ShouldBeInRange(0, 100);
        trust.Score.AtLeast.ShouldBeLessThanOrEqualTo(trust.Score.Score);
        trust.Score.AtMost.ShouldBeGreaterThanOrEqualTo(trust.Score.Score);
    });

    [Fact]
    public void The_order_of_the_evidence_changes_nothing() => ForAll((stream, random) =>
    {
        var time = stream[^1].Moment.RecordedAt.AddHours(random.Next(10_000));
        Evidence[] evidence = [.. CustomerTrust.Fold(stream).Sources.Values.SelectMany(s => s.Evidence)];
        var score = TrustScore.At(evidence, TrustPolicies.Default, time);
        random.Shuffle(evidence);
        TrustScore.At(evidence, TrustPolicies.Default, time).ShouldBe(score);
    });

    [Fact]
    public void Annulling_an_event_gives_exactly_the_trust_without_it() => ForAll((stream, random) =>
    {
        var annulled = stream[random.Next(1, stream.Count)];
        if (annulled.Data is EntryAnnulled)
            return;
        var annulment = Entry(new EntryAnnulled(annulled.Id, "a slip"), stream[^1].Moment, stream.Count + 1);
        Written(CustomerTrust.Fold([.. stream, annulment]))
            .ShouldBe(Written(CustomerTrust.Fold(stream.FindAll(e => e != annulled))));
    });

    [Fact]
    public void However_the_events_are_cut_into_batches_the_view_has_the_same_bytes() => ForAll((stream, random) =>
    {
        var stored = new SortedDictionary<string, ViewRow>(StringComparer.Ordinal);
        for (int next = 0; next < stream.Count;)
        {
            var fold = new ViewFold(s_view, (_, upTo) => stream.FindAll(e => e.Position <= upTo));
            foreach (var row in stored.Values)
                fold.Load(row with { Row = s_view.Read(s_view.Write(row.Row)) });
            int end = Math.Min(stream.Count, next + random.Next(1, 20));
            foreach (var entry in stream[next..end])
                fold.Apply(entry);
            fold.EndedStored.ForEach(row => stored.Remove(row.Key));
            foreach (var row in fold.Standing())
                stored[row.Key] = row;
            next = end;
        }
        stored.Select(r => (r.Key, Convert.ToBase64String(s_view.Write(r.Value.Row)))).ShouldBe(
            CustomerTrust.Fold(stream).Sources.Select(s => (s.Key, Convert.ToBase64String(s_view.Write(s.Value)))));
    });

    [Fact]
    public void What_is_packed_beside_a_row_is_its_evidence() => ForAll((stream, _) =>
    {
        foreach (var source in CustomerTrust.Fold(stream).Sources.Values)
        {
            EvidenceSummary.Read(s_view.Summarize(source)).ShouldBe(
                source.Evidence.Select(e => new PackedEvidence(e.Kind, e.At.UtcTicks, e.Position)));
        }
    });

    [Fact]
    public void Random_histories_give_every_kind_of_evidence()
    {
        var seen = new HashSet<EvidenceKind>();
        ForAll((stream, _) =>
            seen.UnionWith(CustomerTrust.Fold(stream).Sources.Values.SelectMany(s => s.Evidence).Select(e => e.Kind)));
        seen.ShouldBe(Enum.GetValues<EvidenceKind>(), ignoreOrder: true);
    }

    private static string Written(CustomerTrust trust) => string.Join('\n', trust.Sources.Select(s =>
        $"{s.Key} {Convert.ToBase64String(s_view.Write(s.Value))}"));

    private static void ForAll(Action<List<Envelope>, Random> check) => Prop.ForAll(
        RandomCommands.Some.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (asked, seed) =>
        {
            var stream = Recorded(asked);
            if (stream.Count > 1)
                check(stream, new(seed));
        }).Check(s_config);

    /// <summary>What is recorded of what is asked.</summary>
    private static List<Envelope> Recorded(Asked[] asked)
    {
        List<Envelope> stream = [Entry(Registered, At(Noon), 1)];
        var state = CustomerStream.Fold(stream);
        var now = Noon;
        foreach (var (command, later, backdated, imported) in asked)
        {
            now += later;
            var at = new Moment(now - backdated, now, imported);
            foreach (var happened in state.Decide(CustomerId, command, at).Events)
            {
                stream.Add(Entry(happened, at, stream.Count + 1));
                state = happened is EntryAnnulled ? CustomerStream.Fold(stream) : state.Evolve(stream[^1]);
            }
        }
        return stream;
    }
}
