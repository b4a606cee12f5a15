using System.Globalization;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Privacy;
using CsvHelper;

namespace CrmLedger.PostgresTests.Members;

/// <summary>The tenant's own people, found by name.</summary>
public sealed class MembersTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var (reference, name, team) in new[]
        {
            ("e-1", "Erik Berg", "support"), ("e-2", "Émile Zola", "sales"), ("e-3", "Zoë Öst", "support"),
            ("e-4", "Anders Berg", "sales"),
        })
        {
            await DoAsync("/v1/members", new { reference, name, team });
        }
        await RegisterAsync("anna");
    }

    [Fact]
    public async Task Members_are_listed_by_name_with_the_team_they_are_in_now()
    {
        await DoAsync("/v1/members/ref:e-4/move-team", new { toTeam = "support" });
        var page = await AskAsync("");
        page.Items("items").Select(i => $"{i.Text("member.name")}, {i.Text("member.reference")}, "
            + i.Text("member.team")).ShouldBe(
            [
                "Anders Berg, e-4, support", "Émile Zola, e-2, sales", "Erik Berg, e-1, support",
                "Zoë Öst, e-3, support",
            ]);
        (page.Number("total"), page.Number("position"), page.Text("next")).ShouldBe((4, LastPosition, null));
        var then = await AskAsync($"asOf={(await LogAsync())[3].Text("recordedAt")}");
        then.Items("items")[0].Text("member.team").ShouldBe("sales");
    }

    [Theory]
    [InlineData("find=berg", "Anders Berg", "Erik Berg")]
    [InlineData("find=BERG%20erik", "Erik Berg")]
    [InlineData("find=emile", "Émile Zola")]
    [InlineData("find=%C3%A9MILE", "Émile Zola")]
    [InlineData("find=e-3%20zoe", "Zoë Öst")]
    [InlineData("find=berg&team=sales", "Anders Berg")]
    [InlineData("team=sales", "Anders Berg", "Émile Zola")]
    [InlineData("find=name%20of%20anna")]
    [InlineData("find=sealed")]
    [InlineData("team=nobody")]
    public async Task They_are_found_by_words_of_name_and_reference_and_by_team(string question, params string[] names)
    {
        var page = await AskAsync(question);
        page.Items("items").Select(i => i.Text("member.name")).ShouldBe(names);
        page.Number("total").ShouldBe(names.Length);
    }

    [Fact]
    public async Task They_come_in_pages_and_as_a_table()
    {
        var seen = new List<string?>();
        for (string? next = ""; next is not null;)
        {
            var page = await AskAsync($"limit=3{(next.Length > 0 ? "&cursor=" + next : "")}");
            page.Number("total").ShouldBe(4);
            seen.AddRange(page.Items("items").Select(i => i.Text("memberId")));
            next = page.Text("next");
        }
        var all = (await AskAsync("")).Items("items");
        seen.ShouldBe(all.Select(i => i.Text("memberId")));

        var table = await AskAsync("format=csv&limit=3");
        table.Headers["Link"].ShouldContain("rel=\"next\"");
        using var csv = new CsvReader(new StringReader(table.Text), CultureInfo.InvariantCulture);
        csv.GetRecords<dynamic>().Cast<IDictionary<string, object>>()
            .Select(l => $"{l["member_id"]} {l["reference"]} {l["name"]} {l["team"]}")
            .ShouldBe(all.Take(3).Select(i => $"{i.Text("memberId")} {i.Text("member.reference")} "
                + $"{i.Text("member.name")} {i.Text("member.team")}"));
    }

    [Fact]
    public async Task What_was_compared_and_not_shown_is_not_recorded_as_read()
    {
        using var leader = await Ledger.ClientAsync(Tenant, Scopes.Lead);
        long before = await ReadingsAsync();
        (await leader.GetAsync($"/v1/members?find=erik&atLeast={LastPosition}")).Number("total").ShouldBe(1);
        (await ReadingsAsync() - before).ShouldBe(1);
        (await leader.GetAsync("/v1/members?limit=2")).Number("total").ShouldBe(4);
        (await ReadingsAsync() - before).ShouldBe(3);
    }

    [Theory]
    [InlineData("find=", "find")]
    [InlineData("find=%20", "find")]
    [InlineData("find=%CC%81", "find")]
    [InlineData("find=a&find=b", "find")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("until=2024-01-01", "until")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync($"/v1/members?{question}");
        (refused.Status, refused.Problem).ShouldBe((422, "invalid_request"), refused.Text);
        refused.Pointers().ShouldBe([field]);
    }

    private Task<Answer> AskAsync(string question) => ReadAsync($"/v1/members?{question}&atLeast={LastPosition}"
        .Replace("?&", "?", StringComparison.Ordinal));

    private Task<long> ReadingsAsync() => Readings.CountAsync(Ledger, Tenant);
}
