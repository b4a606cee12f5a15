using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.Server.Security;

/// <summary>
/// Whoever may look at everybody, as leaders and auditors may, is recorded when he is given somebody's personal text. A
/// key for daily work, which can only record and read, is not: it names a program, and reads what it works on.
/// </summary>
public static class RecordedReadings
{
    private static readonly string[] s_recorded = [Scopes.Lead, Scopes.Audit, Scopes.Admin];

    private static bool IsRecorded(Caller caller) => caller.Scopes.Any(s_recorded.Contains);

    /// <summary>Records a reading before anything is opened for it: what cannot be recorded is not answered.</summary>
    public static IApplicationBuilder UseReadings(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        string? operation = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
        if (operation is not null && HttpMethods.IsGet(http.Request.Method) && http.FindCaller() is { } caller
            && IsRecorded(caller))
        {
            var reads = http.RequestServices.GetRequiredService<PersonalReads>();
            var clock = http.RequestServices.GetRequiredService<TimeProvider>();
            UsedKeys.Watch((subjects, cancel) => reads.WriteAsync(caller.Tenant,
                LedgerJson.ToMicroseconds(clock.GetUtcNow()), caller.KeyId, operation, subjects, cancel));
        }
        return next(http);
    });
}
