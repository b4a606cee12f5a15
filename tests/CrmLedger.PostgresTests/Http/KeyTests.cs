using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Security;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Who is let in, to what, and into whose ledger.</summary>
public sealed class KeyTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private IReadOnlyList<RouteEndpoint> Endpoints =>
        [.. Ledger.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("v1", StringComparison.Ordinal))];

    [Fact]
    public void Every_operation_says_which_scopes_it_takes()
    {
        Endpoints.Count.ShouldBeGreaterThan(LedgerCommands.EventNames.Count());
        foreach (var endpoint in Endpoints)
            endpoint.Metadata.GetMetadata<NeededScopes>()?.AnyOf.ShouldNotBeEmpty(endpoint.DisplayName);
        Endpoints.Where(e => e.Metadata.GetMetadata<NeededScopes>() is null).Select(e => e.DisplayName).ShouldBeEmpty();
    }

    [Fact]
    public async Task No_operation_answers_without_a_key()
    {
        using var nobody = new HttpClient { BaseAddress = Ledger.Url };
        foreach (var endpoint in Endpoints)
        {
            using var request = Request(endpoint);
            using var response = await nobody.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, endpoint.DisplayName);
            response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"crmledger\"");
            (await Answer.OfAsync(response)).Problem.ShouldBe("unauthenticated");
        }
    }

    [Fact]
    public async Task No_operation_answers_a_key_without_its_scope()
    {
        string[] scopes = [Scopes.Append, Scopes.Read, Scopes.Lead, Scopes.Audit];
        foreach (string scope in scopes)
        {
            using var only = await Ledger.ClientAsync(Tenant, scope);
            using var http = new HttpClient { BaseAddress = Ledger.Url };
            http.DefaultRequestHeaders.Authorization = new("Bearer", only.Key);
            foreach (var endpoint in Endpoints)
            {
                using var request = Request(endpoint);
                using var response = await http.SendAsync(request);
                bool allowed = endpoint.Metadata.GetMetadata<NeededScopes>()!.AnyOf.Contains(scope);
                (response.StatusCode == HttpStatusCode.Forbidden)
                    .ShouldBe(!allowed, $"{endpoint.DisplayName}, {scope}");
                ((int)response.StatusCode).ShouldBeLessThan(500, endpoint.DisplayName);
            }
        }
        (await LogSizeAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_administrators_key_may_do_everything()
    {
        using var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin);
        (await admin.PostAsync("/v1/customers", Json(new { name = "Anna" }))).Status.ShouldBe(201);
        (await admin.GetAsync("/v1/events")).Status.ShouldBe(200);
        (await admin.GetAsync("/v1/kept-rate")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer x")]
    [InlineData("Bearer crm_")]
    [InlineData("Bearer crm_TENANT_")]
    [InlineData("Bearer crm_TENANT_KEYID_")]
    [InlineData("Bearer crm_TENANT_KEYID_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer crm_no-such-tenant_KEYID_SECRET")]
    [InlineData("Bearer crm_TENANT_0000000000000000_SECRET")]
    [InlineData("Bearer crm_'; drop table x;--_KEYID_SECRET")]
    [InlineData("Basic SECRET")]
    [InlineData("Bearer crm_TENANT_KEYID_SECRETx")]
    public async Task A_credential_that_is_not_a_key_is_refused(string form)
    {
        string[] parts = Http.Key.Split('_', 4);
        string credential = form.Replace("TENANT", Tenant).Replace("KEYID", Http.KeyId).Replace("SECRET", parts[3]);
        using var http = new HttpClient { BaseAddress = Ledger.Url };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", credential);
        using var response = await http.GetAsync("/v1/status");
        (await Answer.OfAsync(response)).Problem.ShouldBe("unauthenticated");
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(Scopes.Append)]
    [InlineData(Scopes.Read)]
    [InlineData(Scopes.Lead)]
    [InlineData(Scopes.Audit)]
    [InlineData(Scopes.Audit, Scopes.Lead)]
    [InlineData(Scopes.Admin)]
    public async Task Every_key_is_told_whose_it_is_and_what_it_may_do(params string[] scopes)
    {
        using var http = await Ledger.ClientAsync(Tenant, scopes);
        var told = await http.GetAsync("/v1/whoami");
        told.Status.ShouldBe(200, told.Text);
        (told.Text("tenant"), told.Text("keyId"), told.Text("name")).ShouldBe((Tenant, http.KeyId, "test"));
        told.Items("scopes").Select(s => s.GetString()).ShouldBe(scopes);
        told.Text.ShouldNotContain(http.Key.Split('_', 4)[3]);
        (await http.GetAsync("/v1/whoami?name=x")).Pointers().ShouldBe(["name"]);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once()
    {
        using var other = await Ledger.ClientAsync(Tenant);
        (await other.GetAsync("/v1/status")).Status.ShouldBe(200);
        await Ledger.Services.GetRequiredService<ApiKeys>().RevokeAsync(Tenant, other.KeyId, CancellationToken.None);
        long revoked = Stopwatch.GetTimestamp();
        await EventuallyAsync(() => other.GetAsync("/v1/status"), a => a.Status == 401);
        // By the notice, that is, and not when what is known of the key runs out after five seconds.
        Stopwatch.GetElapsedTime(revoked).TotalSeconds.ShouldBeLessThan(4);
        (await Http.GetAsync("/v1/status")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_same_reference_in_two_tenants_is_two_customers_and_neither_sees_the_other()
    {
        using var other = await Ledger.ClientAsync(Tenant + "-other");
        var mine = await RegisterAsync("anna");
        string id = mine.Text("ids.customerId")!;
        (await other.GetAsync("/v1/customers/ref:anna/history")).Status.ShouldBe(404);
        var theirs = await other.PostAsync("/v1/customers", Json(new { reference = "anna", name = "Another Anna" }));
        theirs.Text("ids.customerId").ShouldNotBe(id);
        theirs.Number("position").ShouldBe(0);

        string eventId = mine.Items("events")[0].Text("id")!;
        foreach (string path in new[]
        {
            $"/v1/customers/{id}/history", $"/v1/customers/{id}/promises/P-1", $"/v1/events/{eventId}",
            $"/v1/events/{eventId}/receipt",
        })
        {
            (await other.GetAsync(path)).Status.ShouldBe(404, path);
        }
        (await other.PostAsync($"/v1/customers/{id}/consents", Json(new { purpose = "news", given = true })))
            .Problem.ShouldBe("customer_unknown");
        (await other.GetAsync("/v1/events")).Items("events").Count.ShouldBe(1);
        (await other.GetAsync($"/v1/commitments/open?customer={id}")).Items("items").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_tenant_comes_from_the_credential_and_from_nowhere_else()
    {
        using var http = new HttpClient { BaseAddress = Ledger.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Http.Key);
        http.DefaultRequestHeaders.Add("X-Tenant", "another");
        using var response = await http.GetAsync("/v1/status");
        (await Answer.OfAsync(response)).Text("tenant").ShouldBe(Tenant);
    }

    private static HttpRequestMessage Request(RouteEndpoint endpoint)
    {
        var segments = endpoint.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(
            p => p is RoutePatternLiteralPart literal ? literal.Content : "0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a")));
        string method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
        return new(new(method), $"/{string.Join('/', segments)}");
    }
}
