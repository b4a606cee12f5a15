using CrmLedger.Annulments;
using CrmLedger.Purchases;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Purchases;

public class PurchaseTests
{
    private static readonly DeciderSpecification s_partlyReturned =
        ACustomer.Given(Bought, new PurchaseReturned("u1", 400));

    [Fact]
    public void What_is_left_can_be_given_back_and_no_more()
    {
        s_partlyReturned.When(new ReturnPurchase("u1", 600)).Then(new PurchaseReturned("u1", 600));
        s_partlyReturned.When(new ReturnPurchase("u1", 601)).ThenRejected(RejectionCode.ReturnAboveRest, "amountMinor");
    }

    [Fact]
    public void Without_an_amount_the_rest_is_given_back()
    {
        s_partlyReturned.When(new ReturnPurchase("u1")).Then(new PurchaseReturned("u1", 600));
        var returned = s_partlyReturned.Given(new PurchaseReturned("u1"));
        returned.State.Purchases["u1"].LeftMinor.ShouldBe(0);
        returned.When(new ReturnPurchase("u1")).ThenRejected(RejectionCode.PurchaseAlreadyReturned);
    }

    [Fact]
    public void The_rest_that_was_given_back_stays_what_it_was_when_an_earlier_return_is_annulled()
    {
        var returned = s_partlyReturned.Given(new PurchaseReturned("u1", 600));
        returned.Given(new EntryAnnulled(EventId(3), "a slip")).State.Purchases["u1"].LeftMinor.ShouldBe(400);
    }

    [Fact]
    public void What_was_free_of_charge_can_be_given_back_once()
    {
        var free = ACustomer.Given(Bought with { AmountMinor = 0 });
        free.When(new ReturnPurchase("u1")).Then(new PurchaseReturned("u1", 0));
        free.Given(new PurchaseReturned("u1")).When(new ReturnPurchase("u1"))
            .ThenRejected(RejectionCode.PurchaseAlreadyReturned);
    }
}
