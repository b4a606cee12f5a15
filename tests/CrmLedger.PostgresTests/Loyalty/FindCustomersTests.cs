using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.PostgresTests.Privacy;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Loyalty;

/// <summary>Customers found by what they are called, though the ledger knows their names only as ciphertext.</summary>
public sealed class FindCustomersTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var (reference, name, segment) in new[]
        {
            ("C-1", "Anna Lind", "retail"), ("C-12", "Åsa Lindström", "trade"), ("C-123", "Bert Ålind", "retail"),
            ("x@y.example", "Søren Kierkegaard", "retail"),
        })
        {
            await DoAsync("/v1/customers", new { reference, name, segment });
        }
    }

    [Theory]
    [InlineData("find=lind", "C-1", "C-12", "C-123")]
    [InlineData("find=LIND%20asa", "C-12")]
    [InlineData("find=lind&segment=retail", "C-1", "C-123")]
    [InlineData("find=c-12", "C-12", "C-123")]
    [InlineData("find=C-12", "C-12")]
    [InlineData("find=C-12%20bert", "C-123")]
    [InlineData("find=C-12&segment=retail")]
    [InlineData("find=%40y.ex%20soren", "x@y.example")]
    [InlineData("find=x%40y.example", "x@y.example")]
    [InlineData("find=%C3%A5sa", "C-12")]
    [InlineData("find=retail")]
    [InlineData("find=sealed")]
    [InlineData("find=anna&stage=lapsed")]
    public async Task They_are_found_by_words_of_name_and_reference_beside_every_other_filter(
        string question, params string[] references)
    {
        var page = await AskAsync(question);
        page.Items("items").Select(i => i.Text("customer.reference")).ShouldBe(references, ignoreOrder: true);
        page.Number("total").ShouldBe(references.Length);
        page.Number("position").ShouldBe(LastPosition);
        var folded = await AskAsync($"{question}&annulled=counted");
        folded.Items("items").Select(i => i.Text("customerId")).ShouldBe(
            page.Items("items").Select(i => i.Text("customerId")));
    }

    [Fact]
    public async Task Pages_and_tables_and_orders_are_of_those_who_were_found()
    {
        await DoAsync("/v1/customers/ref:C-12/purchases", new { purchaseId = "1", amountMinor = 1, currency = "EUR" });
        var bySince = (await AskAsync("find=lind&order=since")).Items("items");
        bySince[0].Text("customer.reference").ShouldBe("C-12");
        var first = await AskAsync("find=lind&order=since&limit=2");
        await DoAsync("/v1/customers", new { reference = "C-4", name = "Lind the later" });
        var second = await AskAsync($"find=lind&order=since&limit=2&cursor={first.Text("next")}");
        first.Items("items").Concat(second.Items("items")).Select(i => i.Text("customerId"))
            .ShouldBe(bySince.Select(i => i.Text("customerId")));
        (second.Number("total"), second.Text("next")).ShouldBe((3, null));
        var table = await AskAsync("find=lind&format=csv&limit=1");
        table.Text.Trim().Split('\n').Length.ShouldBe(2);
        table.Headers["Link"].ShouldContain("find=lind");
    }

    [Fact]
    public async Task A_search_records_as_read_whom_it_shows_and_nobody_whom_it_compared()
    {
        using var leader = await Ledger.ClientAsync(Tenant, Scopes.Lead);
        long before = await Readings.CountAsync(Ledger, Tenant);
        foreach (var (question, total, shown) in new[] { ("find=anna", 1, 1), ("find=lind&limit=2", 3, 2),
            ("find=nobody", 0, 0), ("find=C-1", 1, 1) })
        {
            var page = await leader.GetAsync($"/v1/loyalty/customers?{question}&atLeast={LastPosition}");
            (page.Number("total"), page.Items("items").Count).ShouldBe((total, shown));
            long after = await Readings.CountAsync(Ledger, Tenant);
            (after - before).ShouldBe(shown, question);
            before = after;
        }
        (await ReadAsync("/v1/customers/ref:C-12/readings")).Items("readings").Count.ShouldBeLessThan(2);
    }

    [Fact]
    public async Task Who_was_erased_is_found_by_nothing_on_any_server()
    {
        await using var other = await Ledger.BesideAsync();
        using var there = other.ClientOf(Http.Key);
        (await there.GetAsync($"/v1/loyalty/customers?find=anna&atLeast={LastPosition}")).Number("total").ShouldBe(1);
        using (var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin))
            (await admin.PostAsync("/v1/customers/ref:C-1/erase", """{"reason":"asked"}""")).Status.ShouldBe(200);
        foreach (string text in new[] { "anna", "C-1%20anna", "erased", "%5Berased%5D" })
            (await AskAsync($"find={text}")).Number("total").ShouldBe(0, text);
        (await AskAsync("find=C-1")).Items("items").Select(i => i.Text("customer.reference"))
            .ShouldBe(["C-12", "C-123"], ignoreOrder: true);
        await EventuallyAsync(() => there.GetAsync("/v1/loyalty/customers?find=anna"), a => a.Number("total") == 0);
        // As known before, too: the key is gone.
        string registered = (await LogAsync())[3].Text("recordedAt")!;
        (await ReadAsync($"/v1/loyalty/customers?find=anna&asOf={registered}")).Number("total").ShouldBe(0);
        (await ReadAsync($"/v1/loyalty/customers?find=bert&asOf={registered}")).Number("total").ShouldBe(1);
    }

    [Fact]
    public async Task Another_tenants_customers_are_not_found()
    {
        using var other = await Ledger.ClientAsync(Tenant + "-other");
        (await other.GetAsync("/v1/loyalty/customers?find=anna")).Number("total").ShouldBe(0);
        (await other.GetAsync("/v1/loyalty/customers?find=C-1")).Number("total").ShouldBe(0);
    }

    [Fact]
    public async Task The_command_line_finds_them_too()
    {
        await AskAsync("find=lind");
        var found = await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "list", "--find", "lindstrom ÅSA");
        found.ExitCode.ShouldBe(0, found.Error);
        found.Out.ShouldContain("1 found");
        found.Out.ShouldContain("Åsa Lindström");
        (await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "list", "--find", "lind", "--csv")).Out.Trim()
            .Split('\n').Length.ShouldBe(4);
        (await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "list", "--find", " ")).ExitCode
            .ShouldBe(ExitCode.Refused);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("%20%09", 1)]
    [InlineData("%CC%81", 1)]
    [InlineData("x", 101)]
    public async Task A_text_of_no_or_too_many_signs_is_refused(string text, int times)
    {
        string find = string.Concat(Enumerable.Repeat(text, times));
        var refused = await Http.GetAsync($"/v1/loyalty/customers?find={find}");
        (refused.Status, refused.Problem).ShouldBe((422, "invalid_request"), refused.Text);
        refused.Pointers().ShouldBe(["find"]);
    }

    private Task<Answer> AskAsync(string question) =>
        ReadAsync($"/v1/loyalty/customers?{question}&atLeast={LastPosition}");
}
