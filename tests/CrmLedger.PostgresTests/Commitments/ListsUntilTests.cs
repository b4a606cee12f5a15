using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Server.Commitments;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>The lists behind the numbers on the other clock: by what had happened, found again in the log.</summary>
public sealed class ListsUntilTests(RunningLedger ledger) : KeptRateTest(ledger), IClassFixture<RunningLedger>
{
    [Theory]
    [InlineData("2024-01-10T11:59:59Z")]
    [InlineData("2024-02-02T00:00:00Z")]
    [InlineData("2024-03-10T12:00:00Z")]
    public async Task The_promises_listed_are_those_of_a_ledger_that_stopped_then_in_pages_and_by_group(string time)
    {
        var plain = await PlainUntilAsync(At(time));
        var listed = await AllAsync("kept-rate/promises", $"until={time}");
        listed.Select(p => (p.Text("promiseId"), p.Text("class"))).ShouldBe(
            plain.OrderBy(p => p.Value.FirstDue).Select(p => ((string?)p.Key, (string?)p.Value.ClassAt(At(time)))));
        foreach (string by in KeptRateEndpoint.Groups)
        {
            var found = new List<string>();
            foreach (var group in (await RateAsync($"by={by}&until={time}")).Items("groups"))
            {
                foreach (var (name, count) in CountsOf(group))
                {
                    string kept = CountNames.Single(n => n.Value == name).Key;
                    var part = await AllAsync(
                        "kept-rate/promises", $"by={by}&key={group.Text("key")}&class={kept}&until={time}");
                    part.Count.ShouldBe((int)count, $"{by} {group.Text("key")} {kept}");
                    found.AddRange(part.Select(p => p.Text("promiseId")!));
                }
            }
            found.ShouldBe(plain.Keys, ignoreOrder: true);
        }
        foreach (var promise in listed)
        {
            var page = await ReadAsync(promise.Text("promise")!);
            (page.Text("status"), page.Json.Time("until")).ShouldBe((promise.Text("status"), At(time)));
            page.Items("events").ShouldAllBe(e => e.Time("occurredAt") <= At(time));
        }
    }

    [Theory]
    [InlineData("2024-02-02T00:00:00Z")]
    [InlineData("2024-02-27T00:00:00Z")]
    [InlineData("2024-03-16T00:00:00Z")]
    public async Task What_is_listed_as_owed_is_what_was_owed_then(string time)
    {
        var open = (await PlainUntilAsync(At(time))).Where(p => p.Value.IsOpen).OrderBy(p => p.Value.BindingDue)
            .Select(p => (Id: p.Key, Due: p.Value.BindingDue, Of: Promises.Single(e => e.Id == p.Key))).ToList();
        async Task ShouldListAsync(string filter, Func<(string Id, DateTimeOffset Due, Expected Of), bool> wanted)
        {
            var expected = open.Where(wanted).ToList();
            string question = $"{filter}&until={time}";
            (await AllAsync("commitments/open", question)).Select(i => i.Text("id"))
                .ShouldBe(expected.Select(e => e.Id), filter);
            var page = await ReadAsync($"/v1/commitments/open?{question}&atLeast={LastPosition}");
            (page.Number("total"), page.Number("overdue"))
                .ShouldBe((expected.Count, expected.Count(e => e.Due < At(time))), filter);
        }

        await ShouldListAsync("", _ => true);
        await ShouldListAsync("customer=ref:bert", o => o.Of.Customer == "bert");
        await ShouldListAsync("overdue=true", o => o.Due < At(time));
        await ShouldListAsync("overdue=false", o => o.Due >= At(time));
        await ShouldListAsync("dueFrom=2024-02-10&dueTo=2024-03-05", o => o.Due >= At("2024-02-10T00:00:00Z")
            && o.Due < At("2024-03-05T00:00:00Z"));
        bool isHandedOver = At(time) >= At("2024-02-25T00:00:00Z");
        await ShouldListAsync("member=ref:erik", o => (isHandedOver ? o.Of.Holder : o.Of.Maker) == "erik");
        await ShouldListAsync("team=sales", o => (isHandedOver ? o.Of.Holder : o.Of.Maker) == "maria");
        var due = await ReadAsync($"/v1/commitments/due?until={time}&atLeast={LastPosition}");
        (due.Number("total.open"), due.Number("total.overdue"))
            .ShouldBe((open.Count, open.Count(o => o.Due < At(time))));
    }

    [Fact]
    public async Task All_pages_are_of_what_was_known_on_the_first_one()
    {
        const string question = "until=2024-02-02&limit=1";
        var (open, behind) = (await ReadAsync($"/v1/commitments/open?{question}"),
            await ReadAsync($"/v1/kept-rate/promises?{question}"));
        string import = await DeclareImportAsync("later.jsonl");
        await AppendAsync(CloudEvent("P99/made", "promise_made", "customer/anna", new
        {
            promiseId = "P99",
            kind = "call",
            conditions = "Called.",
            dueAt = "2024-02-11T00:00:00Z",
            memberId = "ref:erik",
        }, At("2024-01-15T00:00:00Z"), import));
        foreach (var (path, first) in new[] { ("commitments/open", open), ("kept-rate/promises", behind) })
        {
            var rest = await AllAsync(path, $"until=2024-02-02&cursor={first.Text("next")}");
            (rest.Count + 1).ShouldBe((int)first.Number("total")!.Value, path);
            (await AllAsync(path, "until=2024-02-02")).Count.ShouldBe(rest.Count + 2, path);
        }
    }

    [Fact]
    public async Task Before_an_import_nothing_was_known_and_the_lists_say_where_to_look()
    {
        foreach (string path in new[] { "commitments/open", "kept-rate/promises" })
        {
            var nothing = await ReadAsync($"/v1/{path}?asOf=2024-06-01");
            (nothing.Number("total"), nothing.Text("notice")!.Contains("until")).ShouldBe((0, true), path);
            (await ReadAsync($"/v1/{path}?until=2024-02-02")).Text("notice").ShouldBeNull();
            var refused = await Http.GetAsync($"/v1/{path}?until=2999-01-01");
            (refused.Status, refused.Pointers().Single()).ShouldBe((422, "until"), path);
        }
        var promise = await Http.GetAsync("/v1/customers/ref:anna/promises/P01?until=2999-01-01");
        (promise.Status, promise.Pointers().Single()).ShouldBe((422, "until"));
        var told = await CommandLineOf.RunAsync(
            Ledger, Http, "commitments", "open", "--until", "2024-02-02", "--json");
        JsonElement.Parse(told.Out).Items("items").Select(i => i.Text("id")).ShouldBe(
            (await AllAsync("commitments/open", "until=2024-02-02")).Select(i => i.Text("id")));
        (await CommandLineOf.RunAsync(Ledger, Http, "commitments", "open", "--as-of", "2024-06-01")).Out
            .ShouldContain("until");
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    /// <summary>The items of all pages of two.</summary>
    private async Task<IReadOnlyList<JsonElement>> AllAsync(string path, string question)
    {
        var items = new List<JsonElement>();
        string next = "";
        while (true)
        {
            var page = await ReadAsync($"/v1/{path}?{question}{next}&limit=2&atLeast={LastPosition}");
            items.AddRange(page.Items("items"));
            if (page.Text("next") is not { } cursor)
                return items;
            question = question.Split("&cursor=")[0];
            next = $"&cursor={cursor}";
        }
    }
}
