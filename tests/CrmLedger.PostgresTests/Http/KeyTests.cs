using System.Diagnostics;
using Alba;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Security;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Who is let in, to what, and into whose ledger.</summary>
public sealed class KeyTests(AlbaLedger ledger) : AlbaTest(ledger)
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
        foreach (var endpoint in Endpoints)
        {
            var refused = await AskAsync(s =>
            {
                SendTo(endpoint, s);
                s.RemoveRequestHeader("Authorization");
                s.Header("WWW-Authenticate").SingleValueShouldEqual("Bearer realm=\"crmledger\"");
            });
            (refused.Status, refused.Problem).ShouldBe((401, "unauthenticated"), endpoint.DisplayName);
        }
    }

    [Fact]
    public async Task No_operation_answers_a_key_without_its_scope()
    {
        string[] scopes = [Scopes.Append, Scopes.Read, Scopes.Lead, Scopes.Audit];
        foreach (string scope in scopes)
        {
            using var only = await Ledger.ClientAsync(Tenant, scope);
            foreach (var endpoint in Endpoints)
            {
                var answer = await AskAsync(s =>
                {
                    SendTo(endpoint, s);
                    s.WithBearerToken(only.Key);
                });
                bool allowed = endpoint.Metadata.GetMetadata<NeededScopes>()!.AnyOf.Contains(scope);
                (answer.Status == 403).ShouldBe(!allowed, $"{endpoint.DisplayName}, {scope}");
                answer.Status.ShouldBeLessThan(500, endpoint.DisplayName);
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
        var refused = await AskAsync(s =>
        {
            s.Get.Url("/v1/status");
            s.WithRequestHeader("Authorization", credential);
            s.StatusCodeShouldBe(401);
        });
        refused.Problem.ShouldBe("unauthenticated");
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
        var status = await AskAsync(s =>
        {
            s.Get.Url("/v1/status");
            s.WithRequestHeader("X-Tenant", "another");
        });
        status.Text("tenant").ShouldBe(Tenant);
    }

    private static void SendTo(RouteEndpoint endpoint, Scenario s)
    {
        var segments = endpoint.RoutePattern.PathSegments.Select(part => string.Concat(part.Parts.Select(
            p => p is RoutePatternLiteralPart literal ? literal.Content : "0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a")));
        string method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
        s.ConfigureHttpContext(http =>
            (http.Request.Method, http.Request.Path) = (method, $"/{string.Join('/', segments)}"));
        s.IgnoreStatusCode();
    }
}
