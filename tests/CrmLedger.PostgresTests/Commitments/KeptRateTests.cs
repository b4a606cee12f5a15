using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CsvHelper;
using Npgsql;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>The kept rate over HTTP, beside a table of what is expected.</summary>
public sealed class KeptRateTests(RunningLedger ledger) : KeptRateTest(ledger), IClassFixture<RunningLedger>
{
    [Fact]
    public async Task Every_class_is_counted_and_every_denominator_is_what_it_says()
    {
        var total = (await RateAsync("")).At("total")!.Value;
        CountsOf(total).ShouldBe(Count(Promises), ignoreOrder: true);
        total.Number("n").ShouldBe(9);
        (total.Number("strict.numerator"), total.Number("strict.denominator")).ShouldBe((1, 9));
        (total.Number("agreed.numerator"), total.Number("agreed.denominator")).ShouldBe((2, 8));
        total.At("strict.rate")!.Value.GetDouble().ShouldBe(1 / 9.0, 1e-12);
        total.At("agreed.rate")!.Value.GetDouble().ShouldBe(2 / 8.0, 1e-12);
        total.At("strict.low")!.Value.GetDouble().ShouldBe(WilsonLow(1, 9), 1e-9);
        total.At("medianLatenessSeconds")!.Value.GetDouble().ShouldBe(TimeSpan.FromDays(3).TotalSeconds);
        total.At("renegotiationRate")!.Value.GetDouble().ShouldBe(2 / 9.0, 1e-12);
        total.At("promisesPerCustomer")!.Value.GetDouble().ShouldBe(5.5);
        (total.Number("imported"), total.Number("recordedLate"), total.Number("customers")).ShouldBe((9, 0, 2));
    }

    [Theory]
    [InlineData("maker")]
    [InlineData("holder")]
    [InlineData("team")]
    [InlineData("kind")]
    [InlineData("channel")]
    [InlineData("customer")]
    [InlineData("day")]
    [InlineData("week")]
    [InlineData("month")]
    public async Task Each_grouping_counts_the_same_promises(string by)
    {
        string KeyOf(Expected e) => by switch
        {
            "maker" => Ids[e.Maker],
            "holder" => Ids[e.Holder],
            "team" => e.Team,
            "kind" => e.Kind,
            "customer" => Ids[e.Customer],
            "channel" => e.Kind == "call" ? "phone" : "unknown",
            "day" => e.Due[..10],
            "week" => $"{ISOWeek.GetYear(e.FirstDue.UtcDateTime)}-W{ISOWeek.GetWeekOfYear(e.FirstDue.UtcDateTime):00}",
            _ => e.Due[..7],
        };
        var answer = await RateAsync($"by={by}");
        var groups = answer.Items("groups");
        groups.Select(g => g.Text("key")!).ShouldBe(Promises.Select(KeyOf).Distinct(), ignoreOrder: true);
        foreach (var group in groups)
        {
            string key = group.Text("key")!;
            CountsOf(group).ShouldBe(Count(Promises.Where(e => KeyOf(e) == key)), ignoreOrder: true);
            if (by is "maker" or "holder" or "customer")
                group.Text("label").ShouldBe("Name of " + Ids.Single(n => n.Value == key).Key);
            foreach (string kept in CountNames.Keys)
            {
                (await PromisesAsync($"by={by}&key={key}&class={kept}"))
                    .ShouldBe(Promises.Where(e => KeyOf(e) == key && e.Class == kept).Select(e => e.Id), true);
            }
        }
    }

    [Fact]
    public async Task A_table_for_spreadsheets_has_the_same_numbers()
    {
        var rate = await RateAsync("by=customer");
        var table = await Http.GetAsync("/v1/kept-rate?by=customer&format=csv");
        (table.Status, table.Headers["Content-Type"]).ShouldBe((200, "text/csv; charset=utf-8"));
        using var csv = new CsvReader(new StringReader(table.Text), CultureInfo.InvariantCulture);
        var lines = csv.GetRecords<dynamic>().Cast<IDictionary<string, object>>().ToList();
        lines.Select(l => l["key"]).ShouldBe([.. rate.Items("groups").Select(g => g.Text("key")!), ""]);
        JsonElement[] numbers = [.. rate.Items("groups"), rate.At("total")!.Value];
        foreach (var (line, of) in lines.Zip(numbers))
        {
            foreach (var (name, count) in CountNames)
                line[name].ShouldBe(of.Text($"counts.{count}"), name);
            (line["n"], line["strict_denominator"]).ShouldBe((of.Text("n"), of.Text("strict.denominator")));
            double.Parse((string)line["strict_low"], CultureInfo.InvariantCulture)
                .ShouldBe(of.At("strict.low")!.Value.GetDouble());
        }
        lines[0]["label"].ShouldBe(rate.Items("groups")[0].Text("label"));

        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--by", "customer", "--csv")).Out.TrimEnd()
            .ShouldBe(table.Text.TrimEnd());
        (await Http.GetAsync("/v1/kept-rate?format=xml")).Problem.ShouldBe("invalid_request");
    }

    [Fact]
    public async Task Bounds_are_half_open_on_the_first_due_date()
    {
        (await PromisesAsync("from=2024-02-01T00:00:00Z&to=2024-02-29T00:00:00Z")).ShouldBe(["P03", "P04", "P05"]);
        (await PromisesAsync("from=2024-02-01T00:00:00.000001Z&to=2024-02-29T00:00:00.000001Z"))
            .ShouldBe(["P04", "P05", "P06"]);
        (await PromisesAsync("from=2024-02-01T02:00:00%2B02:00&to=2024-02-29")).ShouldBe(["P03", "P04", "P05"]);
        var answer = await RateAsync("from=2024-02-01&to=2024-02-29");
        answer.Number("total.n").ShouldBe(2);
        answer.Number("total.counts.released").ShouldBe(1);
    }

    [Fact]
    public async Task The_promises_behind_a_rate_come_in_pages_in_order_of_their_dates()
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await ReadAsync($"/v1/kept-rate/promises?limit=4{(cursor is null ? "" : "&cursor=" + cursor)}");
            page.Number("total").ShouldBe(Promises.Count);
            seen.AddRange(page.Items("items").Select(i => i.Text("promiseId")!));
            cursor = page.Text("next");
        }
        while (cursor is not null);
        seen.ShouldBe(Promises.OrderBy(e => e.FirstDue).Select(e => e.Id));
    }

    [Fact]
    public async Task All_pages_are_of_what_was_known_on_the_first_one()
    {
        const string question = "/v1/kept-rate/promises?class=overdue&by=team&key=sales&limit=1";
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P00",
            kind = "call",
            conditions = "Called.",
            dueAt = "2024-01-01T00:00:00Z",
            memberId = "ref:maria",
        });
        var first = await ReadAsync($"{question}&atLeast={LastPosition}");
        first.Items("items").Single().Text("promiseId").ShouldBe("P00");
        await DoAsync("/v1/customers/ref:bert/promises/P07/declare-kept", new { });
        (await ReadAsync($"{question}&atLeast={LastPosition}")).Text("next").ShouldBeNull();

        var second = await ReadAsync($"{question}&cursor={first.Text("next")}");
        second.Items("items").Single().Text("promiseId").ShouldBe("P07");
        (second.Text("position"), second.Text("asOf"), second.Text("total"), second.Text("provisional"))
            .ShouldBe((first.Text("position"), first.Text("asOf"), "2", "True"));
        second.Headers["ETag"].ShouldBe(first.Headers["ETag"]);
        second.Text("next").ShouldBeNull();
    }

    [Fact]
    public async Task The_promises_behind_a_past_rate_lead_to_their_past()
    {
        string then = (await LogAsync())[^1].Text("recordedAt")!;
        await DoAsync("/v1/customers/ref:bert/promises/P07/declare-kept", new { });
        var page = await ReadAsync($"/v1/kept-rate/promises?class=overdue&asOf={then}");
        page.Text("provisional").ShouldBe("False");
        (await ReadAsync(page.Items("items").Single().Text("promise")!)).Text("status").ShouldBe("lapsed");
    }

    [Fact]
    public async Task Asked_as_of_a_past_time_the_answer_is_the_one_given_then()
    {
        var given = await RateAsync("by=team");
        string then = (await LogAsync())[^1].Text("recordedAt")!;

        await DoAsync("/v1/customers/ref:bert/promises/P07/declare-kept", new { });
        await DoAsync("/v1/customers/ref:bert/promises/P06/withdraw", new { reason = "No part" });
        await DoAsync("/v1/customers/ref:bert/promises", new
        {
            promiseId = "P12",
            kind = "call",
            conditions = "Called.",
            dueAt = "2024-06-01T00:00:00Z",
            memberId = "ref:maria",
        });
        (await RateAsync("by=team")).Text("total.counts").ShouldNotBe(given.Text("total.counts"));

        var again = await RateAsync($"by=team&asOf={then}");
        again.Text("total").ShouldBe(given.Text("total"));
        again.Text("groups").ShouldBe(given.Text("groups"));
        again.Text("position").ShouldBe(given.Text("position"));
        (again.Text("asOf"), again.Text("provisional")).ShouldBe((then, "False"));
        (await RateAsync("asOf=2024-03-01T00:00:00Z")).Number("total.n").ShouldBe(0, "nothing was known then");
        (await RateAsync("asOf=2100-01-01T00:00:00Z")).Text("provisional").ShouldBe("True");
    }

    [Fact]
    public async Task What_is_kept_in_memory_counts_as_what_is_read_anew_whatever_happens_in_between()
    {
        var given = new List<(string Then, string By, string Total, string Groups)>();
        async Task AskAsync()
        {
            string then = (await LogAsync())[^1].Text("recordedAt")!;
            foreach (string by in new[] { "holder", "team", "month", "customer" })
            {
                var answer = await RateAsync($"by={by}");
                given.Add((then, by, answer.Text("total")!, answer.Text("groups")!));
            }
        }

        await AskAsync();
        await DoAsync("/v1/customers/ref:bert/promises/P07/declare-kept", new { });
        await AskAsync();
        await RegisterAsync("carl");
        var made = await DoAsync("/v1/customers/ref:carl/promises", new
        {
            promiseId = "P13",
            kind = "visit",
            conditions = "Visited.",
            dueAt = "2024-06-01T00:00:00Z",
            memberId = "ref:maria",
        });
        await AskAsync();
        await DoAsync("/v1/customers/ref:bert/promises/P08/reassign",
            new { toMemberId = "ref:erik", reason = "Leave" });
        await DoAsync("/v1/customers/ref:carl/annulments",
            new { eventId = made.Items("events")[0].Text("id"), reason = "Another customer's" });
        await AskAsync();
        (await Http.PostAsync("/v1/views/kept-rate/rebuild", "")).Status.ShouldBe(200);
        await AskAsync();
        await DoAsync("/v1/customers/ref:bert/promises/P06/withdraw", new { reason = "No part" });
        await AskAsync();

        given.Select(g => g.Total).Distinct().Count().ShouldBe(4,
            "with nothing more, P07 kept, P13 made, which was annulled, and P06 withdrawn");
        foreach (var (then, by, total, groups) in given.SkipLast(4))
        {
            var again = await RateAsync($"by={by}&asOf={then}");
            (again.Text("total"), again.Text("groups")).ShouldBe((total, groups), $"by {by} at {then}");
        }
    }

    [Fact]
    public async Task While_rows_of_an_older_version_are_made_again_the_answer_is_to_ask_again()
    {
        await RateAsync("");
        string then = (await LogAsync())[^1].Text("recordedAt")!;
        await using (var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections)))
        await using (var age = admin.CreateCommand(
            "update ledger.view_rows set summary = null where tenant_id = $1 and key = 'P01'"))
        {
            age.Parameters.Add(new() { Value = Tenant });
            (await age.ExecuteNonQueryAsync()).ShouldBePositive();
        }
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P14",
            kind = "call",
            conditions = "Called.",
            dueAt = "2024-06-01T00:00:00Z",
            memberId = "ref:maria",
        });
        var answer = await Http.GetAsync($"/v1/kept-rate?asOf={then}&atLeast={LastPosition}");
        (answer.Status, answer.Problem).ShouldBe((504, "not_yet_visible"), answer.Text);
        answer.Headers["Retry-After"].ShouldBe("2");

        (await Http.PostAsync("/v1/views/kept-rate/rebuild", "")).Status.ShouldBe(200);
        (await RateAsync("")).Number("total.n").ShouldBe(10);
    }

    private static double WilsonLow(double k, double n)
    {
        const double z = 1.959963984540054;
        double p = k / n;
        return (p + z * z / (2 * n) - z * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n);
    }

    private async Task<IReadOnlyList<string>> PromisesAsync(string query) =>
        [.. (await ReadAsync($"/v1/kept-rate/promises?{query}&atLeast={LastPosition}")).Items("items")
            .Select(i => i.Text("promiseId")!)];
}
