using CrmLedger.Annulments;
using CrmLedger.EventStore.Views;

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

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_skips_no_name_that_it_does_not_know(string name)
    {
        var skipped = LedgerViews.Find(name)!.Skipped;
        skipped.ShouldNotBeEmpty();
        skipped.ShouldBeSubsetOf(LedgerEvents.Names);
    }
}
