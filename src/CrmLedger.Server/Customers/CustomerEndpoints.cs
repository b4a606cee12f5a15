using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Customers;

/// <summary>The commands about customers and the relationship itself.</summary>
public static class CustomerEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapCustomers(this IEndpointRouteBuilder v1)
    {
        var customers = v1.MapGroup("/customers").WithTags("Customers");
        customers.MapCommand<RegisterCustomer>("", "Register a customer",
            "The same reference always finds the same customer. Name and reference are sealed before they are stored.",
            """{"reference":"anna@example.org","name":"Anna Lind","segment":"retail"}""");
        var one = customers.MapGroup("/{customerId}");
        one.MapCommand<CorrectCustomerDetails>("/correct-details", "Correct a customer's details",
            "What is left out stays as it is; what was noted before stays in the log.", """{"name":"Anna Lindh"}""");
        one.MapCommand<MergeCustomer>("/merge", "Merge a customer into another one",
            "From then on only the other one can be written to. Histories stay where they were recorded.",
            """{"customerId":"ref:anna.lind@example.org","reason":"Registered twice"}""");
        one.MapCommand<UnmergeCustomer>("/unmerge", "Take a merge back", "The customer can be written to again.",
            """{"reason":"They are two people after all"}""");
        one.MapCommand<RecordConsent>("/consents", "Record what the customer allowed or forbade",
            "The last word on a purpose holds.", """{"purpose":"newsletter","given":false}""");
        one.MapCommand<EndRelationship>("/end-relationship", "Record that the relationship ended",
            "What happens later can still be recorded.", """{"reason":"price"}""");
        one.MapCommand<RenewRelationship>("/renew-relationship", "Record that the customer came back",
            "Only after an end.", "{}");
        one.MapCommand<AnnulEntry>("/annulments", "Annul an entry",
            "The entry stays in the log and in its proofs; every view leaves it out and judges anew what followed.",
            """{"eventId":"0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a","reason":"Wrong customer"}""").WithTags("Annulments");
    }
}
