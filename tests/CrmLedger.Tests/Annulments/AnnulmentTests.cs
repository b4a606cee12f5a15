using CrmLedger.Annulments;
using CrmLedger.Commitments;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Annulments;

/// <summary>Event 1 is the registration, so the first one given is event 2.</summary>
public class AnnulmentTests
{
    [Fact]
    public void A_promise_whose_declaration_was_annulled_is_open_again()
    {
        var annulled = ACustomer.Given(Made, DeclaredKept).Given(Annul(3));
        var promise = annulled.State.Promises["p1"];
        (promise.Status, promise.KeptAt).ShouldBe((PromiseStatus.Made, null));
        KeptRate.Classify(promise, Due).ShouldBe(KeptClass.Overdue);
        annulled.When(new DeclarePromiseKept("p1")).Then(DeclaredKept);
    }

    [Fact]
    public void What_followed_is_judged_again()
    {
        // The dispute answered the declaration that was annulled, so it has no effect; what came after it has.
        var past = ACustomer.Given(Made, DeclaredKept, Disputed).Given(DeclaredKept, Due);
        past.State.Promises["p1"].EverDisputed.ShouldBeTrue();
        var promise = past.Given(Annul(3)).State.Promises["p1"];
        (promise.Status, promise.KeptAt, promise.EverDisputed).ShouldBe((PromiseStatus.Kept, Due, false));
        KeptRate.Classify(promise, Due).ShouldBe(KeptClass.KeptFirstDate);
    }

    [Fact]
    public void An_agreement_without_its_proposal_moves_nothing()
    {
        var promise = ACustomer.Given(Made, Proposed, Accepted).Given(Annul(3)).State.Promises["p1"];
        (promise.BindingDue, promise.Renegotiations).ShouldBe((Due, 0));
    }

    [Fact]
    public void Without_its_making_there_is_no_promise_and_its_id_is_free()
    {
        var annulled = ACustomer.Given(Made, DeclaredKept).Given(Annul(2));
        annulled.State.Promises.ShouldBeEmpty();
        annulled.When(new MakePromise("p1", "call_back", Secret, Due, Ana, "north")).Then(Made);
    }

    [Fact]
    public void A_return_that_would_now_be_too_much_has_no_effect()
    {
        var purchase = ACustomer.Given(Bought, new PurchaseReturned("u1", 400), Bought with { PurchaseId = "u2" },
            new PurchaseReturned("u1")).Given(Annul(3)).State.Purchases["u1"];
        (purchase.LeftMinor, purchase.FullyReturned).ShouldBe((0, true));
        var smaller = ACustomer.Given(Bought, Bought with { AmountMinor = 100 }, new PurchaseReturned("u1", 400))
            .Given(Annul(2)).State.Purchases["u1"];
        smaller.LeftMinor.ShouldBe(100);
    }

    [Fact]
    public void An_annulled_entry_can_be_annulled_no_more_and_an_annulment_not_at_all()
    {
        var annulled = ACustomer.Given(Made).Given(Annul(2));
        annulled.When(new AnnulEntry(EventId(2), "a slip")).ThenRejected(RejectionCode.EntryAnnulled, "eventId");
        annulled.When(new AnnulEntry(EventId(3), "a slip")).ThenRejected(RejectionCode.EntryUnknown, "eventId");
    }

    [Fact]
    public void One_more_event_only_notes_an_annulment_and_folding_takes_its_effect_out()
    {
        var past = ACustomer.Given(Made, DeclaredKept);
        var noted = past.State.Evolve(Entry(Annul(3), At(Noon), 4));
        noted.Promises["p1"].Status.ShouldBe(PromiseStatus.Kept);
        noted.Entries.Annulled.ShouldBe([EventId(3)]);
        noted.Entries.Standing.Keys.ShouldNotContain(EventId(3));
        past.Given(Annul(3)).State.Entries.Annulled.ShouldBe([EventId(3)]);
    }

    private static EntryAnnulled Annul(int version) => new(EventId(version), "a slip");
}
