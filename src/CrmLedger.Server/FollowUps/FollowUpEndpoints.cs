using CrmLedger.FollowUps;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.FollowUps;

/// <summary>The commands about contacts that we owe a customer.</summary>
public static class FollowUpEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapFollowUps(this IEndpointRouteBuilder v1)
    {
        var followUps = v1.MapGroup("/customers/{customerId}/follow-ups").WithTags("Follow-ups");
        followUps.MapCommand<ScheduleFollowUp>(
            "", "Schedule a follow-up", "A contact that we owe the customer by a date.",
            """
            {"followUpId":"FU-7","dueAt":"2027-03-10T09:00:00Z","purpose":"check_satisfaction",
             "memberId":"ref:erik"}
            """);
        var one = followUps.MapGroup("/{followUpId}");
        one.MapCommand<ReassignFollowUp>(
            "/reassign", "Hand a follow-up to another member", "Its maker stays on record.",
            """{"toMemberId":"ref:maria","reason":"Erik is on leave"}""");
        one.MapCommand<RescheduleFollowUp>("/reschedule", "Plan a follow-up for another date",
            "The new date binds only when the customer agreed before the old one passed.",
            """{"newDueAt":"2027-03-12T09:00:00Z","reason":"The customer travels","agreedWithCustomer":true}""");
        one.MapCommand<CompleteFollowUp>(
            "/complete", "Record that the contact was made", "Name the touchpoint that it was.", "{}");
        one.MapCommand<CancelFollowUp>("/cancel", "Cancel a follow-up", "It counts as broken.",
            """{"reason":"The order was cancelled"}""");
    }
}
