using Alba;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace CrmLedger.PostgresTests;

/// <summary>
/// The same server on a real database of its own, asked in memory: nothing listens, so that it is for whatever a
/// socket, Kestrel's limits and other programs have no part in.
/// </summary>
public sealed class AlbaLedger : RunningLedger
{
    private IAlbaHost _host = null!;

    /// <summary>Asks what a scenario says; the answer is to be 200 where it expects nothing else.</summary>
    public Task<Answer> AskAsync(Action<Scenario> scenario) => AskAsync(_host, scenario);

    /// <summary>Asks what a scenario says of a host.</summary>
    public static async Task<Answer> AskAsync(IAlbaHost host, Action<Scenario> scenario)
    {
        var result = await host.Scenario(scenario);
        var response = result.Context.Response;
        return Answer.Of(response.StatusCode, await result.ReadAsTextAsync(),
            response.Headers.Select(h => KeyValuePair.Create(h.Key, h.Value.ToString())));
    }

    /// <summary>Starts a host that serves a ledger in memory.</summary>
    public static async Task<IAlbaHost> HostAsync(WebApplicationBuilder builder, string? pagesFolder = null)
    {
        var host = await AlbaHost.For(builder, app =>
        {
            // A server that listens tells the target as it was sent; the one in memory tells none.
            app.Use((http, next) =>
            {
                var request = http.Features.GetRequiredFeature<IHttpRequestFeature>();
                request.RawTarget = http.Request.GetEncodedPathAndQuery();
                return next(http);
            });
            app.MapLedger(pagesFolder);
        });
        // Alba allows what Kestrel does not.
        host.Server.AllowSynchronousIO = false;
        return host;
    }

    /// <inheritdoc />
    public override HttpClient Connect() => _host.Server.CreateClient();

    /// <inheritdoc />
    protected override RunningLedger Another(TimeProvider? clock, MasterKey master) =>
        new AlbaLedger { Clock = clock, Master = master, WatchesDeadlines = WatchesDeadlines };

    /// <inheritdoc />
    protected override async Task<IHost> StartAsync(WebApplicationBuilder builder, string url) =>
        _host = await HostAsync(builder, PagesFolder);
}
