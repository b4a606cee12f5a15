using CrmLedger.Promises;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Promises;

/// <summary>The commands in a promise's life.</summary>
public static class PromiseEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapPromises(this IEndpointRouteBuilder v1)
    {
        var promises = v1.MapGroup("/customers/{customerId}/promises").WithTags("Promises");
        promises.MapCommand<MakePromise>("", "Make a promise",
            "A member commits to do something for the customer by a date. That first date is kept for ever.",
            """
            {"promiseId":"INC-1042","kind":"callback","conditions":"Anna has called about the invoice.",
             "dueAt":"2027-03-03T16:00:00Z","memberId":"ref:erik","channel":"phone"}
            """);
        var one = promises.MapGroup("/{promiseId}");
        one.MapCommand<ReassignPromise>("/reassign", "Hand a promise to another member",
            "The maker stays on record; whoever holds it when it is due answers for it.",
            """{"toMemberId":"ref:maria","reason":"Erik is on leave"}""");
        one.MapCommand<ProposeRenegotiation>("/propose-new-date", "Propose another date",
            "The old date binds until the customer accepts. Only before it has passed.",
            """{"newDueAt":"2027-03-05T16:00:00Z","reason":"The part arrives a day late"}""");
        one.MapCommand<AcceptRenegotiation>("/accept-new-date", "Record that the customer accepted the date",
            "It binds from now on if the customer agreed before the old date passed. The first date stays visible.",
            "{}");
        one.MapCommand<RefuseRenegotiation>("/refuse-new-date", "Record that the customer refused the date",
            "The old date binds.", "{}");
        one.MapCommand<DeclarePromiseKept>("/declare-kept", "Declare a promise kept",
            "Counts from occurredAt when recorded within 24 hours of it, else from when it was recorded.",
            """{"occurredAt":"2027-03-03T15:10:00Z"}""");
        one.MapCommand<ConfirmPromise>("/confirm", "Record that the customer confirmed it",
            "The customer says that what was promised is true.", "{}");
        one.MapCommand<DisputePromise>("/dispute", "Record that the customer disputes it",
            "Until it is declared kept again the promise counts as broken; after that as late.",
            """{"note":"Nobody called."}""");
        one.MapCommand<WithdrawPromise>("/withdraw", "Take a promise back",
            "It counts as broken: the customer was told that it will not be kept.",
            """{"reason":"The product was discontinued"}""");
        one.MapCommand<ReleasePromise>("/release", "Record that the customer let us off",
            "Before the date it is reported and not counted; after it, it counts as broken.", "{}");
        one.MapCommand<ExplainMiss>("/explain-miss", "Say why a promise was missed",
            "The last cause stated counts.", """{"cause":"capacity","note":"Two of three were ill."}""");
    }
}
