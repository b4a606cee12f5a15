using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Touchpoints;

/// <summary>
/// Whom nobody has spoken with for too long. Bert was never spoken with, Dora has left, Egon turned out to be Cora.
/// Everybody was registered on 1 January 2024; it is looked at as on 1 June.
/// </summary>
public sealed class QuietTests(RunningLedger ledger) : TouchpointsTest(ledger), IClassFixture<RunningLedger>
{
    private const string Then = "until=2024-06-01";
    private Answer _past = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var (customer, segment) in new[]
        {
            ("anna", "retail"), ("bert", "retail"), ("cora", "trade"), ("dora", "trade"), ("egon", "trade"),
            ("fritz", "trade"),
        })
        {
            var registered = await ImportAsync(Registered(customer, "2024-01-01", segment));
            Ids[customer] = registered.Items("items").Single().Text("event.stream")!["customer-".Length..];
        }
        _past = await ImportAsync(
            Touched("T1", "anna", "2024-02-01", "phone", "inbound", "erik"),
            Touched("T2", "anna", "2024-03-01", "email", "outbound", "maria"),
            Touched("T3", "cora", "2024-05-20", "chat", "inbound", "erik"),
            Touched("T4", "dora", "2024-01-15", "visit", "outbound", "erik"),
            Line("left", "relationship_ended", "dora", "2024-02-01", new { reason = "price" }),
            Touched("T5", "egon", "2024-01-10", "phone", "inbound", "maria"),
            Line("one", "customer_merged_into", "egon", "2024-02-10",
                new { customerId = "ref:cora", reason = "twice" }),
            Touched("T6", "fritz", "2024-05-31T12:00:00Z", "phone", "outbound", "maria"));
    }

    [Fact]
    public async Task The_longest_silent_come_first_with_their_last_touchpoint()
    {
        var answer = await AskAsync($"/v1/customers/quiet?{Then}");
        Told(answer).ShouldBe(["bert 152 never 0", "anna 92 2024-03-01 email outbound maria sales 2"]);
        (answer.Number("customers"), answer.Number("total"), answer.Number("days")).ShouldBe((4, 2, 60));
        answer.Items("silent").Select(s => (s.Number("days"), s.Number("customers")))
            .ShouldBe([(30, 2), (60, 2), (90, 2), (180, 0)]);
        var anna = answer.Items("items")[1];
        (anna.Text("customerId"), anna.Text("last.memberId")).ShouldBe((Ids["anna"], Ids["maria"]));
        var last = await ReadAsync($"/v1/events?limit=1&after={anna.Number("last.position") - 1}");
        last.Items("events").Single().Text("data.touchpointId").ShouldBe("T2");
    }

    [Fact]
    public async Task Who_has_been_silent_for_exactly_so_many_days_is_quiet()
    {
        Told(await AskAsync($"/v1/customers/quiet?days=92&{Then}")).Length.ShouldBe(2);
        Told(await AskAsync($"/v1/customers/quiet?days=93&{Then}")).ShouldBe(["bert 152 never 0"]);
        Told(await AskAsync("/v1/customers/quiet?days=92&until=2024-05-31T23:59:59.999999Z"))
            .ShouldBe(["bert 151 never 0"]);
    }

    [Fact]
    public async Task With_a_direction_only_touchpoints_of_that_side_break_the_silence()
    {
        var inbound = Told(await AskAsync($"/v1/customers/quiet?direction=inbound&{Then}"));
        inbound[..2].ShouldBe(["bert 152 never 0", "fritz 152 never 0"], ignoreOrder: true);
        inbound[2..].ShouldBe(["anna 121 2024-02-01 phone inbound erik support 1"]);
        Told(await AskAsync($"/v1/customers/quiet?direction=outbound&days=90&{Then}")).Order().ShouldBe(
            ["anna 92 2024-03-01 email outbound maria sales 1", "bert 152 never 0", "cora 152 never 0"]);
    }

    [Theory]
    [InlineData("team=sales", "anna")]
    [InlineData("member=ref:erik", "cora")]
    [InlineData("segment=retail", "bert anna")]
    [InlineData("segment=trade", "cora")]
    [InlineData("segment=trade&team=sales", "")]
    [InlineData("segment=unheard-of", "")]
    public async Task Only_those_asked_about_are_counted(string filter, string found)
    {
        var answer = await AskAsync($"/v1/customers/quiet?days=1&{filter}&{Then}");
        string.Join(' ', Told(answer).Select(t => t.Split(' ')[0])).ShouldBe(found);
        answer.Number("total").ShouldBe(found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task What_passed_with_somebody_who_turned_out_to_be_another_passed_with_that_one()
    {
        Told(await AskAsync($"/v1/customers/quiet?days=1&segment=trade&{Then}"))
            .ShouldBe(["cora 12 2024-05-20 chat inbound erik support 2"]);
        Told(await AskAsync("/v1/customers/quiet?days=15&segment=trade&until=2024-02-05")).Order().ShouldBe(
            ["cora 35 never 0", "egon 26 2024-01-10 phone inbound maria sales 1", "fritz 35 never 0"]);
        await DoAsync("/v1/customers/ref:egon/unmerge", new { reason = "two people" });
        Told(await AskAsync("/v1/customers/quiet?days=1&segment=trade")).Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_touchpoint_that_was_annulled_breaks_no_silence()
    {
        await AnnulAsync("anna", _past, 1);
        Told(await AskAsync($"/v1/customers/quiet?{Then}"))
            .ShouldBe(["bert 152 never 0", "anna 121 2024-02-01 phone inbound erik support 1"]);
        var now = await AskAsync("/v1/customers/quiet?segment=retail");
        now.Items("items").Select(i => i.Text("last.at")?[..10]).ShouldBe([null, "2024-02-01"]);
        await AnnulAsync("dora", _past, 4);
        (await AskAsync($"/v1/customers/quiet?{Then}")).Number("customers").ShouldBe(5);
    }

    [Fact]
    public async Task What_is_recorded_late_breaks_the_silence_when_it_was_recorded()
    {
        await DoAsync("/v1/customers/ref:bert/touchpoints", new
        {
            channel = "phone", direction = "outbound", memberId = "ref:erik", occurredAt = At("2024-05-01"),
        });
        Told(await AskAsync($"/v1/customers/quiet?{Then}"))[0].ShouldBe("bert 152 never 0", "it counts from now");
        (await AskAsync("/v1/customers/quiet?segment=retail")).Number("total").ShouldBe(1);
    }

    [Fact]
    public async Task All_pages_are_of_the_same_knowledge()
    {
        var first = await AskAsync("/v1/customers/quiet?limit=1");
        await DoAsync("/v1/customers/ref:anna/touchpoints",
            new { channel = "phone", direction = "outbound", memberId = "ref:erik" });
        var seen = new List<string>();
        for (var page = first; ; page = await AskAsync($"/v1/customers/quiet?limit=1&cursor={page.Text("next")}"))
        {
            (page.Number("total"), page.Text("position")).ShouldBe((4, first.Text("position")));
            seen.AddRange(Told(page).Select(t => t.Split(' ')[0]));
            if (page.Text("next") is null)
                break;
        }
        seen.ShouldBe(["bert", "anna", "cora", "fritz"]);
        (await AskAsync("/v1/customers/quiet")).Number("total").ShouldBe(3);
    }

    [Fact]
    public async Task The_table_has_all_and_the_command_line_tells_the_same()
    {
        var table = await ReadAsync($"/v1/customers/quiet?{Then}&format=csv&atLeast={LastPosition}");
        table.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBe(
        [
            "customer_id,reference,name,segment,days_silent,since,last_at,channel,direction,member_id,member,team,"
                + "touchpoints",
            $"{Ids["bert"]},bert,Name of bert,retail,152,2024-01-01T00:00:00.000000Z,,,,,,,0",
            $"{Ids["anna"]},anna,Name of anna,retail,92,2024-03-01T00:00:00.000000Z,2024-03-01T00:00:00.000000Z,"
                + $"email,outbound,{Ids["maria"]},Name of maria,sales,2",
        ]);
        string[] asked = ["customers", "quiet", "--days", "60", "--until", "2024-06-01"];
        var told = await CommandLineOf.RunAsync(Ledger, Http, [.. asked, "--json"]);
        JsonElement.Parse(told.Out).Text("items")
            .ShouldBe((await AskAsync($"/v1/customers/quiet?{Then}")).Text("items"));
        var read = await CommandLineOf.RunAsync(Ledger, Http, asked);
        read.Out.ShouldContain("2 of 4 customers had no touchpoint for 60 days or more");
        read.Out.ShouldContain("30 days: 2, 60 days: 2, 90 days: 2, 180 days: 0");
        read.Out.ShouldContain("none since 2024-01-01");
        (await CommandLineOf.RunAsync(Ledger, Http, [.. asked, "--member", "erik", "--direction", "inbound"])).Out
            .ShouldContain("1 of 2 customers had no inbound touchpoint");
    }

    [Fact]
    public async Task Before_an_import_nobody_was_known_and_the_answer_says_where_to_look()
    {
        var answer = await AskAsync("/v1/customers/quiet?asOf=2024-06-01");
        (answer.Number("customers"), answer.Items("items").Count).ShouldBe((0, 0));
        answer.Text("notice")!.ShouldContain("until");
    }

    [Theory]
    [InlineData("days=0", "days")]
    [InlineData("days=36501", "days")]
    [InlineData("direction=sideways", "direction")]
    [InlineData("limit=1001", "limit")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("member=erik", "member")]
    [InlineData("until=2999-01-01", "until")]
    [InlineData("by=team", "by")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync($"/v1/customers/quiet?{question}");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, field), refused.Text);
    }

    private static string[] Told(JsonElement answer) =>
    [
        .. answer.Items("items").Select(i => $"{i.Text("customer.reference")} {i.Text("daysSilent")} "
            + (i.Text("last.at") is { } at
                ? $"{at[..10]} {i.Text("last.channel")} {i.Text("last.direction")} {i.Text("last.member.reference")} "
                    + $"{i.Text("last.team")} "
                : "never ")
            + i.Text("touchpoints")),
    ];
}
