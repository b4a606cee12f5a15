using CrmLedger.Server.Commands;
using CrmLedger.Touchpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Touchpoints;

/// <summary>The command that records an interaction.</summary>
public static class TouchpointEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapTouchpoints(this IEndpointRouteBuilder v1) =>
        v1.MapGroup("/customers/{customerId}/touchpoints").WithTags("Touchpoints").MapCommand<RecordTouchpoint>(
            "", "Record a touchpoint", "One interaction, by whatever channel, and how it went.",
            """
            {"channel":"phone","direction":"inbound","memberId":"ref:erik","summary":"Asked about the invoice.",
             "tone":"neutral","practices":["listened_actively","checked_understanding"],"durationSeconds":340}
            """);
}
