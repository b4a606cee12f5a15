using CrmLedger.EventStore.Appending;
using CrmLedger.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Whatever a client does wrong is named, and nothing of it is recorded.</summary>
public sealed class ProblemTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Promises = "/v1/customers/ref:anna/promises";
    private const string Touchpoints = "/v1/customers/ref:anna/touchpoints";
    private const string Feedback = "/v1/customers/ref:anna/feedback";
    private const string Good =
        "\"promiseId\":\"P-2\",\"kind\":\"call\",\"conditions\":\"Called.\",\"memberId\":\"ref:erik\"";

    private const string Call =
        "\"channel\":\"phone\",\"direction\":\"inbound\",\"memberId\":\"ref:erik\"";

    private const string Import = "\"source\":\"s\",\"fileName\":\"f\",\"sha256\":"
        + "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"";

    private const string OccurredAt = "\"occurredAt\":\"2026-01-01T00:00:00Z\"";

    private const string Due = "\"dueAt\":\"2098-01-01T00:00:00Z\"";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        await DoAsync(Promises, new
        {
            promiseId = "P-1",
            kind = "call",
            conditions = "Called.",
            dueAt = Now.AddDays(1),
            memberId = "ref:erik",
        });
    }

    [Theory]
    [InlineData(Promises, "", "/kind", "/conditions", "/dueAt", "/memberId")]
    [InlineData(Promises, "{" + Good + "}", "/dueAt")]
    [InlineData(Promises, "{" + Good + ""","dueAt":null}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","duedate":1,"a/b~c":2}""", "/duedate", "/a~1b~0c")]
    [InlineData(Promises, """{"promiseId":"P-2","kind":7,"conditions":[],"memberId":{},"dueAt":true}""",
        "/kind", "/conditions", "/memberId", "/dueAt")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","channel":"pigeon"}""", "/channel")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","channel":"Phone"}""", "/channel")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","channel":1}""", "/channel")]
    [InlineData(Promises, """{"promiseId":"a b","kind":" ","conditions":"","memberId":"erik",""" + Due + "}",
        "/promiseId", "/kind", "/conditions", "/memberId")]
    [InlineData(Promises, """{"promiseId":"..","kind":"a","conditions":"b","memberId":"ref:erik",""" + Due + "}",
        "/promiseId")]
    [InlineData(Promises, """{"promiseId":".a","kind":"a","conditions":"b","memberId":"ref:erik",""" + Due + "}",
        "/promiseId")]
    [InlineData(Promises, """{"promiseId":"P-2\n","kind":"a","conditions":"b","memberId":"ref:erik",""" + Due + "}",
        "/promiseId")]
    [InlineData(Promises, "{" + Good + ""","dueAt":"2098-01-01T00:00:00Z\n"}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + ""","dueAt":"tomorrow"}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + ""","dueAt":"2098-02-30T00:00:00Z"}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + ""","dueAt":"2098-01-01T00:00:00"}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + ""","dueAt":"2098-01-01"}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + ""","dueAt":"0001-01-01T00:00:00+14:00"}""", "/dueAt")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","occurredAt":"2998-01-01T00:00:00Z"}""", "/occurredAt")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","occurredAt":"09:30"}""", "/occurredAt")]
    [InlineData(Promises, "{" + Good + "," + Due + ""","occurredAt":1700000000}""", "/occurredAt")]
    [InlineData(Promises + "/P-1/confirm", """{"promiseId":"P-2"}""", "/promiseId")]
    [InlineData(Touchpoints, "{" + Call + ""","durationSeconds":-1}""",
        "/durationSeconds")]
    [InlineData(Touchpoints, "{" + Call + ""","durationSeconds":1.5}""",
        "/durationSeconds")]
    [InlineData(Touchpoints, "{" + Call + ""","practices":["shout"]}""",
        "/practices")]
    [InlineData(Touchpoints, "{" + Call + ""","practices":"reassured"}""",
        "/practices")]
    [InlineData(Feedback, """{"kind":"csat","score":11}""", "/score")]
    [InlineData("/v1/customers/ref:anna/purchases", """{"amountMinor":10,"currency":"euro"}""", "/currency")]
    [InlineData("/v1/customers/ref:anna/purchases", """{"amountMinor":10.5,"currency":"EUR","marginMinor":99e99}""",
        "/amountMinor", "/marginMinor")]
    [InlineData("/v1/customers/ref:anna/consents", """{"purpose":"news","given":"yes"}""", "/given")]
    [InlineData("/v1/customers/ref:anna/annulments", """{"eventId":"7","reason":"x"}""", "/eventId")]
    [InlineData("/v1/customers/ref:anna/merge", """{"customerId":"anna","reason":"x"}""", "/customerId")]
    [InlineData("/v1/customers/anna/consents", """{"purpose":"news","given":true}""", "customerId")]
    [InlineData("/v1/customers/ref:/consents", """{"purpose":"news","given":true}""", "customerId")]
    [InlineData("/v1/imports", """{"source":"s","fileName":"f","sha256":"no"}""", "/sha256")]
    [InlineData("/v1/imports", "{" + Import + "," + OccurredAt + "}", "/occurredAt")]
    [InlineData("/v1/imports/7/complete", """{"rows":1,"events":1}""", "importId")]
    [InlineData("/v1/customers/ref:anna/promises/a%20b/confirm", "{}", "promiseId")]
    public Task A_body_that_does_not_fit_is_refused_by_field(string path, string body, params string[] pointers) =>
        NothingRecordedAsync(async () =>
            (await RefusedAsync(path, body, 422, "invalid_request")).Pointers().ShouldBe(pointers, ignoreOrder: true));

    [Fact]
    public Task However_much_is_wrong_fifty_errors_are_told() => NothingRecordedAsync(async () =>
    {
        string many = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"X{i}\":0"));
        var refused = await RefusedAsync(Promises, $"{{{Good},{Due},{many}}}", 422, "invalid_request");
        refused.Pointers().ShouldBe([.. Enumerable.Range(0, 50).Select(i => $"/X{i}"), ""]);
        refused.Items("errors")[^1].Text("detail").ShouldBe("and more.");
        refused.Text.Length.ShouldBeLessThan(5_000);

        refused = await RefusedAsync("/v1/events", $"{{{many}}}", 422, "invalid_request",
            ("Content-Type", "application/cloudevents+json"));
        refused.Pointers().Count.ShouldBe(51);
    });

    [Theory]
    [InlineData(101, "/kind")]
    [InlineData(4_001, "/conditions")]
    public Task A_text_that_is_too_long_is_refused_by_field(int length, string pointer) =>
        NothingRecordedAsync(async () =>
        {
            string text = new('x', length);
            string body = pointer == "/kind"
                ? $$"""{"kind":"{{text}}","conditions":"Called.","memberId":"ref:erik",{{Due}}}"""
                : $$"""{"kind":"call","conditions":"{{text}}","memberId":"ref:erik",{{Due}}}""";
            (await RefusedAsync(Promises, body, 422, "invalid_request")).Pointers().ShouldBe([pointer]);
        });

    [Theory]
    [InlineData("oops")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{"kind":"a","kind":"b"}""", "/kind")]
    [InlineData("""{"conditions":"a\u0000b"}""", "/conditions")]
    [InlineData("""{"conditions":"a\ud800b"}""", "/conditions")]
    [InlineData("""{"kind":01}""")]
    [InlineData("""{"kind":1e400}""", "/kind")]
    [InlineData("{\"kind\":'a'}")]
    [InlineData("""{"kind":"a",}""")]
    [InlineData("/*x*/{}")]
    public Task A_body_that_is_not_internet_JSON_is_refused(string body, string? pointer = null) =>
        NothingRecordedAsync(async () =>
        {
            var problem = await RefusedAsync(Promises, body, 400, "not_json");
            if (pointer is not null)
                problem.Pointers().ShouldBe([pointer]);
        });

    [Theory]
    [InlineData(new byte[] { 0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x7B })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    public Task Bytes_that_are_not_UTF8_JSON_are_refused(byte[] body) =>
        NothingRecordedAsync(async () =>
            (await AskAsync(s =>
            {
                s.Post.ByteArray(body).ToUrl(Promises);
                s.StatusCodeShouldBe(400);
            })).Problem.ShouldBe("not_json"));

    [Fact]
    public Task Deep_nesting_is_refused() =>
        NothingRecordedAsync(() => RefusedAsync(
            Promises, $$"""{"kind":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""", 400, "not_json"));

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    public Task Events_in_another_form_are_refused(string contentType) =>
        NothingRecordedAsync(() => RefusedAsync(
            "/v1/events", "{}", 415, "unsupported_media_type", ("Content-Type", contentType)));

    [Theory]
    [InlineData("/v1/customers?reference=bert", "reference")]
    [InlineData("/v1/imports?source=s", "source")]
    [InlineData("/v1/views/kept-rate/rebuild?force=true", "force")]
    [InlineData("/v1/views/kept-rate/check-consistency?force=true", "force")]
    public Task A_query_that_a_command_does_not_take_is_refused(string path, string parameter) =>
        NothingRecordedAsync(async () =>
            (await RefusedAsync(path, new { name = "B" }, 422, "invalid_request")).Pointers().ShouldBe([parameter]));

    [Theory]
    [InlineData("/v1/events", "Idempotency-Key")]
    [InlineData("/v1/events", "If-Match")]
    [InlineData("/v1/imports", "Idempotency-Key")]
    public Task A_header_that_would_promise_what_is_not_kept_is_refused(string path, string header) =>
        NothingRecordedAsync(async () => (await RefusedAsync(path, "{" + Import + "}", 422, "invalid_request",
            (header, "\"1\""))).Pointers().ShouldBe([header]));

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "not_found")]
    [InlineData("GET", "/nothing", 404, "not_found")]
    [InlineData("POST", "/v1/customers/ref:anna/promises/P-1/no-such-step", 404, "not_found")]
    [InlineData("GET", "/v1/customers", 405, "method_not_allowed")]
    [InlineData("DELETE", "/v1/events", 405, "method_not_allowed")]
    [InlineData("PUT", "/v1/customers/ref:anna/promises", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/events/no-id", 404, "not_found")]
    [InlineData("GET", "/v1/events/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a", 404, "not_found")]
    [InlineData("GET", "/v1/events/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a/receipt", 404, "not_found")]
    [InlineData("GET", "/v1/customers/ref:nobody/history", 404, "customer_unknown")]
    [InlineData("GET", "/v1/customers/x/history", 404, "customer_unknown")]
    [InlineData("GET", "/v1/customers/ref:anna/promises/P-9", 404, "promise_unknown")]
    [InlineData("POST", "/v1/customers/ref:anna/promises/P-9/confirm", 404, "promise_unknown")]
    [InlineData("POST", "/v1/customers/ref:nobody/promises/P-1/confirm", 404, "customer_unknown")]
    [InlineData("POST", "/v1/customers/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a/renew-relationship", 404,
        "customer_unknown")]
    [InlineData("POST", "/v1/views/no-such-view/rebuild", 404, "not_found")]
    [InlineData("POST", "/v1/views/no-such-view/check-consistency", 404, "not_found")]
    [InlineData("POST", "/v1/imports/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a/complete", 422, "invalid_request")]
    [InlineData("POST", "/v1/customers/ref:anna/renew-relationship", 409, "relationship_not_ended")]
    public Task What_is_not_there_or_not_allowed_is_said(string method, string path, int status, string code) =>
        NothingRecordedAsync(async () =>
        {
            var answer = await AskAsync(s =>
            {
                s.ConfigureHttpContext(http => (http.Request.Method, http.Request.Path) = (method, path));
                s.StatusCodeShouldBe(status);
                s.Header("Content-Type").SingleValueShouldMatch("^application/problem\\+json");
            });
            answer.Problem.ShouldBe(code, answer.Text);
        });

    [Theory]
    [InlineData("/v1/commitments/open?owner=erik", "owner")]
    [InlineData("/v1/commitments/open?limit=0", "limit")]
    [InlineData("/v1/commitments/open?limit=1001", "limit")]
    [InlineData("/v1/commitments/open?limit=ten", "limit")]
    [InlineData("/v1/commitments/open?cursor=x", "cursor")]
    [InlineData("/v1/commitments/open?cursor=e30", "cursor")]
    [InlineData("/v1/commitments/open?cursor=bnVsbA", "cursor")]
    [InlineData("/v1/commitments/open?overdue=yes", "overdue")]
    [InlineData("/v1/commitments/open?customer=anna", "customer")]
    [InlineData("/v1/commitments/open?member=erik", "member")]
    [InlineData("/v1/commitments/open?dueFrom=soon", "dueFrom")]
    [InlineData("/v1/commitments/open?asOf=2026-01-01T00:00:00", "asOf")]
    [InlineData("/v1/commitments/open?atLeast=-1", "atLeast")]
    [InlineData("/v1/kept-rate?by=weekday", "by")]
    [InlineData("/v1/kept-rate?from=x&to=y", "from", "to")]
    [InlineData("/v1/kept-rate?atLeast=99999999999999999999", "atLeast")]
    [InlineData("/v1/kept-rate?class=broken", "class")]
    [InlineData("/v1/kept-rate/promises?class=late", "class")]
    [InlineData("/v1/kept-rate/promises?cursor=eyJza2lwIjotMX0", "cursor")]
    [InlineData("/v1/kept-rate/promises?limit=-5", "limit")]
    [InlineData("/v1/kept-rate/promises?key=support", "key")]
    [InlineData("/v1/customers/ref:anna/history?version=x&position=y&until=z", "version", "position", "until")]
    [InlineData("/v1/customers/ref:anna/history?cursor=%00", "cursor")]
    [InlineData("/v1/customers/ref:anna/promises/P-1?at=now", "at")]
    [InlineData("/v1/events?limit=0", "limit")]
    [InlineData("/v1/events?limit=5001", "limit")]
    [InlineData("/v1/events?limit=x", "limit")]
    [InlineData("/v1/events?after=x", "after")]
    [InlineData("/v1/events?from=1", "from")]
    [InlineData("/v1/status?verbose=true", "verbose")]
    [InlineData("/v1/events/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a?at=1", "at")]
    [InlineData("/v1/events/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a/receipt?treeSize=1", "treeSize")]
    [InlineData("/v1/customers/ref:anna/history?cursor=bnVsbA", "cursor")]
    [InlineData("/v1/commitments/open?team=%00", "team")]
    [InlineData("/v1/commitments/open?team=a%00b&customer=ref:%00", "team", "customer")]
    [InlineData("/v1/commitments/open?cursor="
        + "eyJkdWUiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsInN0cmVhbSI6ImFcdTAwMDAiLCJrZXkiOiJiIn0", "cursor")]
    [InlineData("/v1/kept-rate/promises?cursor="
        + "eyJkdWUiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsInN0cmVhbSI6IngiLCJrZXkiOiJ5IiwiYXNPZiI6IjIwMjYtMDEtMDFUMDA6"
        + "MDA6MDBaIiwicG9zaXRpb24iOjk5OTk5OSwicHJvdmlzaW9uYWwiOnRydWUsInRvdGFsIjoxfQ", "cursor")]
    [InlineData("/v1/customers/ref:anna/history?cursor="
        + "eyJ2ZXJzaW9uIjoxLCJwb3NpdGlvbiI6OTk5OTk5LCJzdHJlYW1WZXJzaW9uIjoxLCJhc09mIjoiMjAyNi0wMS0wMVQwMDowMDow"
        + "MFoiLCJwcm92aXNpb25hbCI6dHJ1ZX0", "cursor")]
    [InlineData("/v1/commitments/open?team=a&team=b", "team")]
    [InlineData("/v1/commitments/open?team=&limit=", "team", "limit")]
    [InlineData("/v1/kept-rate?by=team&by=kind&asOf", "by", "asOf")]
    public async Task A_query_that_is_not_understood_is_refused_by_parameter(string path, params string[] pointers)
    {
        var answer = await Http.GetAsync(path);
        (answer.Status, answer.Problem).ShouldBe((422, "invalid_request"), answer.Text);
        answer.Headers["Content-Type"].ShouldStartWith("application/problem+json");
        answer.Pointers().ShouldBe(pointers, ignoreOrder: true);
    }

    [Fact]
    public async Task A_value_that_PostgreSQL_cannot_take_is_a_mistake_of_ours_and_no_outage()
    {
        const string notATime = "22007", shuttingDown = "57P01";
        (await FailedAsync(new PostgresException("no", "ERROR", "ERROR", notATime))).ShouldBe(500);
        (await FailedAsync(new LedgerUnavailableException(
            "no", new PostgresException("no", "ERROR", "ERROR", notATime)))).ShouldBe(500);
        (await FailedAsync(new PostgresException("no", "ERROR", "ERROR", shuttingDown))).ShouldBe(503);
        (await FailedAsync(new LedgerUnavailableException("no"))).ShouldBe(503);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(408)]
    [InlineData(413)]
    [InlineData(431)]
    public async Task A_request_that_HTTP_does_not_allow_keeps_its_status(int status)
    {
        (await FailedAsync(new BadHttpRequestException("no", status))).ShouldBe(status);
        (await AnsweredAsync(http => http.Response.StatusCode = status)).ShouldBe(status);
    }

    [Theory]
    [InlineData("If-Match", "old")]
    [InlineData("If-Match", "\"-1\"")]
    [InlineData("If-Match", "W/\"1\"")]
    [InlineData("Idempotency-Key", "\"\"")]
    [InlineData("ce-id", "7")]
    [InlineData("ce-source", "crm")]
    public Task A_header_that_does_not_fit_is_refused_by_name(string name, string value) =>
        NothingRecordedAsync(async () =>
        {
            var answer = await RefusedAsync(
                "/v1/customers/ref:anna/consents", new { purpose = "news", given = true }, 422, "invalid_request",
                (name, value));
            answer.Pointers().Single().ShouldBe(name switch
            {
                "ce-id" => "ce-source",
                "ce-source" => "ce-id",
                _ => name,
            });
        });

    [Fact]
    public async Task Headers_that_are_too_long_are_refused()
    {
        string[] names = ["Idempotency-Key", "Correlation-Id", "Causation-Id"];
        foreach (string name in names)
        {
            (await RefusedAsync("/v1/customers/ref:anna/consents", new { purpose = "news", given = true }, 422,
                "invalid_request", (name, new string('k', 501)))).Pointers().ShouldBe([name]);
        }
    }

    [Fact]
    public async Task A_refused_command_names_what_it_was_about()
    {
        var exists = await RefusedAsync(Promises, "{" + Good.Replace("P-2", "P-1") + "," + Due + "}", 409,
            "promise_exists");
        exists.Pointers().ShouldBe(["/promiseId"]);
        (await RefusedAsync("/v1/customers", new { reference = "anna", name = "A" }, 409, "customer_exists"))
            .Pointers().ShouldBe(["/reference"]);
        (await RefusedAsync($"{Promises}/P-9/confirm", "{}", 404, "promise_unknown"))
            .Pointers().ShouldBe(["promiseId"]);
        (await RefusedAsync(Promises, "{" + Good + "," + Due + ""","touchpointId":"T-9"}""", 404,
            "touchpoint_unknown")).Pointers().ShouldBe(["/touchpointId"]);
        (await RefusedAsync("/v1/customers/ref:anna/feedback", """{"kind":"nps"}""", 422, "score_missing"))
            .Pointers().ShouldBe(["/score"]);
    }

    /// <summary>The status that a failure in a handler is answered with.</summary>
    private Task<int> FailedAsync(Exception failure) => AnsweredAsync(_ => throw failure);

    private async Task<int> AnsweredAsync(Action<HttpContext> handle)
    {
        var app = new ApplicationBuilder(Ledger.Services);
        app.UseProblems();
        app.Run(handler =>
        {
            handle(handler);
            return Task.CompletedTask;
        });
        var http = new DefaultHttpContext { RequestServices = Ledger.Services };
        await app.Build()(http);
        return http.Response.StatusCode;
    }

    private async Task NothingRecordedAsync(Func<Task> act)
    {
        long before = await LogSizeAsync();
        await act();
        (await LogSizeAsync()).ShouldBe(before);
    }
}
