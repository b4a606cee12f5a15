using CrmLedger.Feedback;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Feedback;

/// <summary>The commands about scores and comments of a customer.</summary>
public static class FeedbackEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapFeedback(this IEndpointRouteBuilder v1)
    {
        v1.MapGroup("/customers/{customerId}/feedback-requests").WithTags("Feedback").MapCommand<RequestFeedback>(
            "", "Ask for feedback", "So that response rates are known.", """{"feedbackId":"F-3","kind":"csat"}""");
        var feedback = v1.MapGroup("/customers/{customerId}/feedback").WithTags("Feedback");
        feedback.MapCommand<ReceiveFeedback>("", "Record feedback",
            "csat takes a score of 1 to 5, nps 0 to 10, ces 1 to 7; a comment takes a text.",
            """{"feedbackId":"F-3","kind":"csat","score":5,"comment":"Quick and friendly."}""");
        var one = feedback.MapGroup("/{feedbackId}");
        one.MapCommand<ActUponFeedback>("/act-upon", "Record that we acted upon it",
            "Something was done because of it.",
            """{"action":"The form now says what happens next."}""");
        one.MapCommand<TellFeedbackOutcome>("/tell-outcome", "Record that the customer was told",
            "The customer knows what came of it: the loop is closed.", "{}");
    }
}
