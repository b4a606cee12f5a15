using CrmLedger.Preferences;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Preferences;

/// <summary>The commands about what a customer needs and what we proposed for it.</summary>
public static class PreferenceEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapPreferences(this IEndpointRouteBuilder v1)
    {
        var customer = v1.MapGroup("/customers/{customerId}").WithTags("Preferences");
        customer.MapCommand<RecordPreference>("/preferences", "Record a preference", "The last word on a key holds.",
            """{"key":"contact_time","value":"After five in the evening","source":"stated"}""");
        customer.MapCommand<ProposeSolution>("/solutions", "Propose a solution",
            "Something made for this customer, from preferences that are on record.",
            """{"solutionId":"S-4","summary":"Calls after five, by Erik only","preferenceKeys":["contact_time"]}""");
        customer.MapCommand<AcceptSolution>("/solutions/{solutionId}/accept", "Record that the customer took it",
            "Once; a solution that was declined cannot be accepted.", "{}");
        customer.MapCommand<DeclineSolution>(
            "/solutions/{solutionId}/decline", "Record that the customer did not take it",
            "With the reason.", """{"reason":"Too dear"}""");
    }
}
