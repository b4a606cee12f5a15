using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>Erasing and exporting a customer by the command line, and the export as the API gives it.</summary>
public sealed class EraseCommandTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Anna = "/v1/customers/ref:anna";
    private LedgerHttp _admin = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _admin = await Ledger.ClientAsync(Tenant, Scopes.Admin);
        await RegisterAsync("anna");
        await DoAsync($"{Anna}/preferences", new { key = "time", value = "Before nine", source = "observed" });
        await DoAsync($"{Anna}/preferences", new { key = "time", value = "After five", source = "stated" });
        await DoAsync($"{Anna}/consents", new { purpose = "news", given = true });
        await DoAsync($"{Anna}/consents", new { purpose = "news", given = false });
    }

    public override async Task DisposeAsync()
    {
        _admin.Dispose();
        await base.DisposeAsync();
    }

    [Theory]
    [InlineData(null, ExitCode.Usage, "--yes")]
    [InlineData("", ExitCode.Failed, "Name of anna")]
    [InlineData("yes", ExitCode.Failed, "Nothing was erased.")]
    public async Task Nothing_is_erased_unless_it_was_meant(string? typed, int exitCode, string said)
    {
        var ran = await CommandLineOf.AnswerAsync(Ledger, _admin, typed, "erase", "anna", "--reason", "asked");
        ran.ExitCode.ShouldBe(exitCode, ran.Error);
        ran.Error.ShouldContain(said);
        ran.Out.ShouldBeEmpty();
        (await ReadAsync($"{Anna}/history")).Text("customer.name").ShouldBe("Name of anna");
    }

    [Theory]
    [InlineData(null, "--yes")]
    [InlineData("erase")]
    public async Task What_was_erased_and_what_is_not_reached_is_told_in_words(string? typed, params string[] more)
    {
        string[] erase = ["erase", "anna", "--reason", "asked by Anna", .. more];
        var ran = await CommandLineOf.AnswerAsync(Ledger, _admin, typed, erase);
        ran.ExitCode.ShouldBe(ExitCode.Done, ran.Error);
        ran.Out.ShouldContain("was erased at");
        ran.Out.ShouldContain("asked by Anna");
        ran.Out.ShouldContain("6 of 6 events have the hash that they had.");
        ran.Out.ShouldContain("backups: ");
        ran.Out.ShouldNotContain("Name of anna");
        (await ReadAsync($"{Anna}/history")).Text("customer.name").ShouldBe("[erased]");

        var again = await CommandLineOf.AnswerAsync(Ledger, _admin, typed, erase);
        again.ExitCode.ShouldBe(ExitCode.Done, again.Error);
        again.Out.ShouldContain("was erased already, at");
        var json = JsonDocument.Parse((await CommandLineOf.RunAsync(
            Ledger, _admin, "erase", "anna", "--reason", "x", "--yes", "--json")).Out).RootElement;
        json.GetProperty("reason").GetString().ShouldBe("asked by Anna");
    }

    [Fact]
    public async Task Who_has_no_right_or_names_nobody_is_told_so()
    {
        var forbidden = await CommandLineOf.RunAsync(Ledger, Http, "erase", "anna", "--reason", "x", "--yes");
        forbidden.ExitCode.ShouldBe(ExitCode.Refused, forbidden.Error);
        forbidden.Error.ShouldContain("admin");
        var nobody = await CommandLineOf.RunAsync(Ledger, _admin, "erase", "nobody", "--reason", "x", "--yes");
        nobody.ExitCode.ShouldBe(ExitCode.Refused, nobody.Error);
        (await CommandLineOf.RunAsync(Ledger, _admin, "erase", "anna", "--yes")).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task An_export_holds_all_that_is_known_of_the_customer()
    {
        await RegisterAsync("anna2");
        await DoAsync("/v1/customers/ref:anna2/merge", new { customerId = "ref:anna", reason = "Twice" });
        var events = (await ReadAsync($"{Anna}/history")).Items("events");
        await DoAsync($"{Anna}/annulments", new { eventId = events[2].Text("id"), reason = "Misheard" });

        var ran = await CommandLineOf.RunAsync(Ledger, _admin, "export", "customer", "anna");
        ran.ExitCode.ShouldBe(ExitCode.Done, ran.Error);
        var export = JsonDocument.Parse(ran.Out).RootElement;

        export.Text("customer.name").ShouldBe("Name of anna");
        export.Text("customer.reference").ShouldBe("anna");
        export.At("consents")!.Value.ToString().ShouldContain("false");
        export.Items("preferences").Select(p => (p.Text("key"), p.Text("value"), p.Text("source")))
            .ShouldBe([("time", "Before nine", "observed")], "the later one was annulled");
        export.Items("samePerson").Count.ShouldBe(1);
        export.Items("events").Select(e => e.Text("type")).ShouldBe([
            "customer_registered", "preference_recorded", "preference_recorded", "consent_recorded", "consent_recorded",
            "entry_annulled",
        ]);
        export.Items("events")[2].Text("data.value").ShouldBe("After five");
        export.Number("streamVersion").ShouldBe(6);
    }

    [Fact]
    public async Task An_export_is_an_auditors_or_an_administrators_and_of_somebody_who_is_there()
    {
        (await ReadAsync($"{Anna}/export")).Text("customer.name").ShouldBe("Name of anna");
        using (var reader = await Ledger.ClientAsync(Tenant, Scopes.Read, Scopes.Append, Scopes.Lead))
            (await reader.GetAsync($"{Anna}/export")).Problem.ShouldBe("forbidden");
        (await Http.GetAsync("/v1/customers/ref:nobody/export")).Problem.ShouldBe("customer_unknown");
        (await Http.GetAsync("/v1/customers/nobody/export")).Problem.ShouldBe("customer_unknown");
        await _admin.PostAsync($"{Anna}/erase", """{"reason":"asked"}""");
        var erased = await ReadAsync($"{Anna}/export");
        erased.Text("customer.name").ShouldBe("[erased]");
        erased.Json.GetProperty("erased").GetBoolean().ShouldBeTrue();
        erased.Items("preferences")[0].Text("value").ShouldBe("[erased]");
    }
}
