using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>A file of events, some of which are wrong, brought in by the command line.</summary>
public sealed class EventFileTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crmledger-import-").FullName;

    public override Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return base.DisposeAsync();
    }

    [Fact]
    public async Task Lines_that_are_not_taken_are_written_with_why_and_once_corrected_come_in()
    {
        string file = Path.Combine(_folder, "july.jsonl");
        string[] lines =
        [
            CloudEvent("1", "member_joined", "member/erik", new { name = "Erik", team = "support" }),
            CloudEvent("2", "customer_registered", "customer/anna", new { name = "Anna" }),
            "oops",
            CloudEvent("3", "touchpoint_recorded", "customer/anna",
                new { touchpointId = "T-1", channel = "pigeon", direction = "inbound", memberId = "ref:erik" }),
            CloudEvent("4", "promise_declared_kept", "customer/anna", new { promiseId = "P-1" }),
            CloudEvent("5", "consent_recorded", "customer/anna", new { purpose = "news", given = true }),
        ];
        await File.WriteAllLinesAsync(file, lines);
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "events", file);

        run.ExitCode.ShouldBe(3, run.Error);
        run.Out.ShouldContain("3 events added, 0 there already, 3 rejected");
        var rejected = (await File.ReadAllLinesAsync(file + ".rejected.jsonl")).Select(l => JsonElement.Parse(l))
            .OrderBy(r => r.Number("line")).ToList();
        rejected.Select(r => (r.Number("line"), r.Text("field"))).ShouldBe(
            [(3, null), (4, "/data/channel"), (5, "/data/promiseId")]);
        (await LogAsync()).Select(e => e.Text("type")).ShouldBe(
            ["import_declared", "member_joined", "customer_registered", "consent_recorded"]);

        string corrected = Path.Combine(_folder, "corrected.jsonl");
        await File.WriteAllTextAsync(corrected, lines[3].Replace("pigeon", "phone"));
        run = await CommandLineOf.RunAsync(Ledger, Http, "import", "events", corrected);
        run.ExitCode.ShouldBe(0, run.Error);
        run.Out.ShouldContain("1 events added");
        (await LogAsync())[^1].Text("type").ShouldBe("import_completed");
    }

    [Fact]
    public async Task A_key_that_may_not_append_is_told_so()
    {
        string file = Path.Combine(_folder, "one.jsonl");
        await File.WriteAllTextAsync(file, CloudEvent("1", "customer_registered", "customer/anna", new { name = "A" }));
        using var reader = await Ledger.ClientAsync(Tenant, "read");
        var run = await CommandLineOf.RunAsync(Ledger, reader, "import", "events", file);
        run.ExitCode.ShouldBe(5);
        run.Error.ShouldContain("append");
        (await LogSizeAsync()).ShouldBe(0);
    }
}
