using System.Globalization;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CsvHelper;
using CliFailure = CrmLedger.Cli.CliFailure;
using LedgerClient = CrmLedger.Cli.LedgerClient;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>The lists and the change as tables, which say what their JSON says and lead to their next pages.</summary>
public sealed class ListTablesTests(RunningLedger ledger) : KeptRateTest(ledger), IClassFixture<RunningLedger>
{
    [Fact]
    public async Task A_table_of_what_is_owed_says_what_its_JSON_says()
    {
        const string question = "/v1/commitments/open?until=2024-02-02";
        var items = (await ReadAsync(question)).Items("items");
        var lines = Lines((await ReadAsync($"{question}&format=csv")).Text);
        lines.Count.ShouldBe(items.Count);
        items.Count.ShouldBeGreaterThan(5);
        foreach (var (line, item) in lines.Zip(items))
        {
            foreach (var (title, path) in new[]
            {
                ("customer_id", "customerId"), ("customer", "customer.name"), ("commitment", "commitment"),
                ("id", "id"), ("kind", "kind"), ("conditions", "conditions"), ("member_id", "memberId"),
                ("member", "member.name"), ("team", "team"), ("first_due", "firstDue"), ("binding_due", "bindingDue"),
                ("status", "status"), ("renegotiations", "renegotiations"), ("age_seconds", "ageSeconds"),
            })
            {
                line[title].ShouldBe(item.Text(path), title);
            }
            line["overdue"].ShouldBe(item.Text("overdue")!.ToLowerInvariant());
        }
    }

    [Fact]
    public async Task A_table_of_promises_says_what_its_JSON_says()
    {
        var items = (await ReadAsync("/v1/kept-rate/promises?by=team&key=sales")).Items("items");
        var lines = Lines((await ReadAsync("/v1/kept-rate/promises?by=team&key=sales&format=csv")).Text);
        lines.Select(l => (l["class"], l["promise_id"], l["maker"], l["holder"], l["kept_at"], l["promise"])).ShouldBe(
            items.Select(i => ((object)i.Text("class")!, (object)i.Text("promiseId")!, (object)i.Text("maker.name")!,
                (object)i.Text("holder.name")!, (object)(i.Text("keptAt") ?? ""), (object)i.Text("promise")!)));
        lines.Count.ShouldBe(Promises.Count(p => p.Team == "sales"));
    }

    [Fact]
    public async Task A_name_that_begins_like_a_formula_is_none_in_a_table()
    {
        await JoinAsync("=1+1", "@team");
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "-P",
            kind = "call",
            conditions = "+46 8 123 was called.",
            dueAt = "2098-01-01T00:00:00Z",
            memberId = "ref:=1+1",
        });
        var line = Lines((await ReadAsync(
            $"/v1/commitments/open?team=@team&format=csv&atLeast={LastPosition}")).Text).Single();
        (line["id"], line["team"], line["conditions"]).ShouldBe(("'-P", "'@team", "'+46 8 123 was called."));
    }

    [Fact]
    public async Task A_table_of_a_change_keeps_its_signs()
    {
        const string question = "/v1/kept-rate/change?by=team&from=2024-02-01&to=2024-04-01";
        var answer = await ReadAsync(question);
        var changes = answer.Items("groups").Append(answer.Json.At("total")!.Value).ToList();
        string table = (await ReadAsync($"{question}&format=csv")).Text;
        var lines = Lines(table);
        lines.Select(l => l["key"]).ShouldBe(["sales", "support", ""]);
        changes[1].At("difference")!.Value.GetDouble().ShouldBeLessThan(0);
        foreach (var (line, change) in lines.Zip(changes))
        {
            foreach (string number in new[] { "difference", "low", "high", "z", "p" })
                Number(line[number]).ShouldBe(change.At(number)?.GetDouble(), number);
            (Number(line["before"]), Number(line["after_denominator"]))
                .ShouldBe((change.At("before.rate")?.GetDouble(), change.At("after.denominator")?.GetDouble()));
        }
        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--by", "team", "--from", "2024-02-01", "--to",
            "2024-04-01", "--change", "--csv")).Out.TrimEnd().ShouldBe(table.TrimEnd());
    }

    [Theory]
    [InlineData("commitments/open", "until=2024-02-02&team=sales", "customer_id,")]
    [InlineData("commitments/open", "asOf=2100-01-01", "customer_id,")]
    [InlineData("kept-rate/promises", "class=broken", "class,")]
    [InlineData("kept-rate/promises", "from=2024-01-01T00:00:00%2B01:00&until=2024-03-01", "class,")]
    public async Task A_table_leads_to_its_next_page_until_the_last(string path, string question, string beginning)
    {
        var whole = await ReadAsync($"/v1/{path}?{question}&format=csv");
        whole.Headers.ContainsKey("Link").ShouldBeFalse();
        var lines = Lines(whole.Text);
        lines.Count.ShouldBeGreaterThan(1);
        var first = await ReadAsync($"/v1/{path}?{question}&format=csv&limit=1");
        first.Headers["Link"].ShouldMatch("^<\\?[^<>]+cursor=[^<>]+>; rel=\"next\"$");
        (await ReadAsync($"/v1/{path}?{question}&limit=1")).Headers.ContainsKey("Link").ShouldBeFalse();

        using var client = new LedgerClient(
            new(Ledger.Url, Http.Key, "a test"), new SocketsHttpHandler(), TimeProvider.System);
        foreach (int limit in new[] { 1, 2, 1000 })
        {
            string table = await client.GetTableAsync(
                $"v1/{path}?{question}&format=csv&limit={limit}", beginning, CancellationToken.None);
            table.ShouldBe(whole.Text.TrimEnd(), $"limit {limit}");
        }
    }

    [Theory]
    [InlineData("https://elsewhere.example/v1/commitments/open?cursor=a")]
    [InlineData("//elsewhere.example/v1/commitments/open?cursor=a")]
    public async Task A_key_goes_nowhere_that_a_page_leads_to_but_to_its_own_server(string address)
    {
        using var client = new LedgerClient(
            new(new("https://ledger.example/crm/"), "crm_key", "a test"), new Leading(address), TimeProvider.System);
        var failure = await Should.ThrowAsync<CliFailure>(() =>
            client.GetTableAsync("v1/commitments/open?format=csv", "customer_id,", CancellationToken.None));
        failure.Message.ShouldContain("not CrmLedger's");
    }

    [Fact]
    public async Task The_command_line_writes_whole_tables()
    {
        (await CommandLineOf.RunAsync(Ledger, Http, "commitments", "open", "--until", "2024-02-02", "--csv")).Out
            .TrimEnd().ShouldBe((await ReadAsync("/v1/commitments/open?until=2024-02-02&format=csv")).Text.TrimEnd());
        (await CommandLineOf.RunAsync(Ledger, Http, "commitments", "due", "--by", "team", "--csv")).Out.TrimEnd()
            .ShouldBe((await ReadAsync("/v1/commitments/due?by=team&format=csv")).Text.TrimEnd());
        foreach (string other in new[] { "--limit=5", "--json" })
        {
            (await CommandLineOf.RunAsync(Ledger, Http, "commitments", "open", "--csv", other)).ExitCode.ShouldBe(2);
        }
    }

    private static double? Number(object field) =>
        field is "" ? null : double.Parse((string)field, CultureInfo.InvariantCulture);

    private static List<IDictionary<string, object>> Lines(string table)
    {
        using var csv = new CsvReader(new StringReader(table), CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<dynamic>().Cast<IDictionary<string, object>>()];
    }

    /// <summary>A server whose pages lead elsewhere.</summary>
    private sealed class Leading(string address) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri!.Host.ShouldBe("ledger.example");
            var response = new HttpResponseMessage
            {
                Content = new StringContent("customer_id,customer\n"),
                RequestMessage = request,
            };
            response.Headers.TryAddWithoutValidation("Link", $"<{address}>; rel=\"next\"");
            return Task.FromResult(response);
        }
    }
}
