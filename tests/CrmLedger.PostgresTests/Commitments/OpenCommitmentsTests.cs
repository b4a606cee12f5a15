using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>What is owed: promises and follow-ups, filtered, paged and as known before.</summary>
public sealed class OpenCommitmentsTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private static readonly DateTimeOffset s_first = new(2098, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await JoinAsync("maria", "sales");
        foreach (string customer in new[] { "anna", "bert" })
        {
            await RegisterAsync(customer);
            for (int day = 1; day <= 3; day++)
                await OweAsync(customer, day);
        }
    }

    [Fact]
    public async Task Commitments_are_listed_by_their_date_with_all_that_a_member_needs()
    {
        var page = await OpenAsync("");
        (page.Number("total"), page.Number("overdue"), page.Text("next")).ShouldBe((12, 0, null));
        page.Items("items").Select(i => i.Time("bindingDue")!.Value).ShouldBeInOrder();
        var promise = page.Items("items").First(i => i.Text("id") == "P-1" && i.Text("customer.reference") == "anna");
        (promise.Text("commitment"), promise.Text("kind"), promise.Text("conditions"), promise.Text("member.name"),
            promise.Text("team"), promise.Text("status"))
            .ShouldBe(("promise", "call", "Called on day 1.", "Name of erik", "support", "made"));
        var followUp = page.Items("items").First(i => i.Text("commitment") == "follow_up");
        (followUp.Text("kind"), followUp.Text("team")).ShouldBe(("reassure", "sales"));
    }

    [Theory]
    [InlineData("customer=ref:bert", 6)]
    [InlineData("member=ref:maria", 6)]
    [InlineData("team=support", 6)]
    [InlineData("team=support&customer=ref:anna", 3)]
    [InlineData("overdue=true", 0)]
    [InlineData("overdue=false", 12)]
    [InlineData("dueFrom=2098-01-02&dueTo=2098-01-03", 4)]
    [InlineData("dueTo=2098-01-01T12:00:00.000001Z", 4)]
    [InlineData("dueTo=2098-01-01T12:00:00Z", 2)]
    [InlineData("customer=ref:nobody", 0)]
    [InlineData("commitment=promise", 6)]
    [InlineData("commitment=follow_up", 6)]
    [InlineData("commitment=promise&team=sales", 0)]
    [InlineData("commitment=promise&asOf=2098-01-02", 6)]
    [InlineData("commitment=follow_up&annulled=counted", 6)]
    public async Task They_are_filtered(string filter, int expected)
    {
        var page = await OpenAsync(filter);
        (page.Items("items").Count, page.Number("total")).ShouldBe((expected, expected));
    }

    [Fact]
    public async Task They_come_in_pages_that_neither_repeat_nor_leave_out_any()
    {
        var all = Keys(await OpenAsync(""));
        var seen = new List<string>();
        string query = "limit=5";
        while (true)
        {
            var page = await OpenAsync(query);
            seen.AddRange(Keys(page));
            if (page.Text("next") is not { } next)
                break;
            page.Items("items").Count.ShouldBe(5);
            query = $"limit=5&cursor={next}";
        }
        seen.ShouldBe(all);
        seen.ShouldBeUnique();
    }

    [Fact]
    public async Task Asked_as_of_a_past_time_they_are_what_was_owed_then()
    {
        var before = await OpenAsync("");
        string then = (await LogAsync())[^1].Text("recordedAt")!;
        await DoAsync("/v1/customers/ref:anna/follow-ups/F-1/complete", new { });
        await DoAsync("/v1/customers/ref:bert/follow-ups/F-2/cancel", new { reason = "Ordered elsewhere" });
        await DoAsync("/v1/customers/ref:bert/follow-ups/F-3/reschedule",
            new { newDueAt = s_first.AddDays(9), reason = "Travels", agreedWithCustomer = true });
        await DoAsync("/v1/customers/ref:bert/promises/P-1/declare-kept", new { });

        (await OpenAsync("")).Number("total").ShouldBe(9);
        var moved = (await OpenAsync("customer=ref:bert")).Items("items")[^1];
        (moved.Text("id"), moved.Number("renegotiations"), moved.Time("bindingDue"))
            .ShouldBe(("F-3", 1, s_first.AddDays(9)));
        var again = await OpenAsync($"asOf={then}");
        Keys(again).ShouldBe(Keys(before));
        again.Text("position").ShouldBe(before.Text("position"));
        (await OpenAsync("asOf=2098-01-02T00:00:00Z")).Number("overdue").ShouldBe(2);
    }

    private static IReadOnlyList<string> Keys(Answer page) =>
        [.. page.Items("items").Select(i => $"{i.Text("customerId")} {i.Text("id")} {i.Text("bindingDue")}")];

    private async Task OweAsync(string customer, int day)
    {
        await DoAsync($"/v1/customers/ref:{customer}/promises", new
        {
            promiseId = $"P-{day}",
            kind = "call",
            conditions = $"Called on day {day}.",
            dueAt = s_first.AddDays(day - 1),
            memberId = "ref:erik",
        });
        await DoAsync($"/v1/customers/ref:{customer}/follow-ups", new
        {
            followUpId = $"F-{day}",
            dueAt = s_first.AddDays(day - 1).AddHours(12),
            purpose = "reassure",
            memberId = "ref:maria",
        });
    }

    private Task<Answer> OpenAsync(string query) =>
        ReadAsync($"/v1/commitments/open?{query}&atLeast={LastPosition}");
}
