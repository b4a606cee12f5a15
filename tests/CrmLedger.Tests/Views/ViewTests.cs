using CrmLedger.Annulments;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.Touchpoints;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Views;

public class ViewTests
{
    public static TheoryData<string> Views => [.. LedgerViews.All.Select(v => v.Name)];

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_skips_exactly_the_events_that_change_no_row_of_it(string name)
    {
        var view = LedgerViews.Find(name)!;
        foreach (var happened in Samples.All)
        {
            bool changes = happened is EntryAnnulled || view.KeysOf(happened).Count > 0;
            view.Skipped.Contains(LedgerEvents.NameOf(happened.GetType())).ShouldBe(!changes, $"{happened}");
        }
    }

    [Fact]
    public void An_annulment_folds_again_only_what_the_annulled_entry_was_of()
    {
        var other = Touched with { TouchpointId = "t2" };
        List<Envelope> stream =
        [
            Entry(Touched, At(Noon), 1), Entry(other, At(Noon), 2), Entry(other, At(Noon), 3),
            Entry(other, At(Noon), 4),
        ];
        var view = new MarksView();
        var fold = new ViewFold(view, (_, _) => stream);
        stream.ForEach(fold.Apply);
        view.Projected.Clear();
        stream.Add(Entry(new EntryAnnulled(EventId(3), "a slip"), At(Noon), 5));
        fold.Apply(stream[^1]);

        view.Projected.ShouldBe([2, 4]);
        fold.Standing().Select(r => (r.Key, ((Marks)r.Row).Count)).ShouldBe([("t1", 1), ("t2", 2)]);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_skips_no_name_that_it_does_not_know(string name)
    {
        var skipped = LedgerViews.Find(name)!.Skipped;
        skipped.ShouldNotBeEmpty();
        skipped.ShouldBeSubsetOf(LedgerEvents.Names);
    }

    private sealed record Marks(int Count);

    /// <summary>Counts touchpoints by their id, and notes which versions it was asked to project.</summary>
    private sealed class MarksView : View<Marks>
    {
        public List<long> Projected { get; } = [];

        public override string Name => "marks";

        public override int Version => 1;

        public override IReadOnlyList<string> KeysOf(IEvent happened) =>
            happened is TouchpointRecorded e ? [e.TouchpointId] : [];

        protected override bool Handles(Type record) => record == typeof(TouchpointRecorded);

        protected override Marks Project(Marks? row, Envelope entry)
        {
            Projected.Add(entry.Version);
            return new((row?.Count ?? 0) + 1);
        }

        protected override RowIndex IndexOf(Marks row) => default;
    }
}
