using CrmLedger.Customers;
using CrmLedger.Promises;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Customers;

public class CustomerTests
{
    [Fact]
    public void A_relationship_that_has_ended_still_takes_events() => ACustomer
        .Given(new RelationshipEnded(EndReason.Price), Made).When(new DeclarePromiseKept("p1")).Then(DeclaredKept);

    [Fact]
    public void An_erased_customer_takes_nothing_more_and_a_merged_one_only_its_erasure_or_return()
    {
        var erased = ACustomer.Given(new CustomerErased("asked"));
        erased.When(new EraseCustomer("asked")).ThenRejected(RejectionCode.CustomerErased);
        erased.When(new RegisterCustomer(Secret)).ThenRejected(RejectionCode.CustomerErased);
        var merged = ACustomer.Given(new CustomerMergedInto(OtherCustomerId, "twice"));
        merged.When(new EraseCustomer("asked")).Then(new CustomerErased("asked"));
        merged.When(new RecordConsent("newsletter", true)).ThenRejected(RejectionCode.CustomerMerged);
    }

    [Fact]
    public void What_a_correction_leaves_out_stays()
    {
        var customer = ACustomer.Given(new CustomerDetailsCorrected(Segment: "trade")).State.Customer;
        (customer.Name, customer.Segment).ShouldBe((Secret, "trade"));
    }

    [Fact]
    public void The_last_word_on_a_consent_holds() => ACustomer
        .Given(new ConsentRecorded("newsletter", true), new ConsentRecorded("newsletter", false))
        .State.Customer.Consents.ShouldBe([new("newsletter", false)]);
}
