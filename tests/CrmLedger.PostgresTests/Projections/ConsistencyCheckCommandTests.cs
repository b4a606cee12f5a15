using System.Text.Json;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using Npgsql;

namespace CrmLedger.PostgresTests.Projections;

/// <summary>A consistency check as an auditor runs it.</summary>
public sealed class ConsistencyCheckCommandTests(RunningLedger ledger)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Check = "check-consistency";

    [Fact]
    public async Task The_command_line_tells_whether_views_are_what_the_log_gives_and_exits_by_it()
    {
        await JoinAsync("erik", "support");
        string anna = (await RegisterAsync("anna")).Text("ids.customerId")!;
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P-1",
            kind = "call",
            conditions = "Called.",
            dueAt = Now.AddDays(1),
            memberId = "ref:erik",
        });
        await ReadAsync($"/v1/kept-rate?atLeast={LastPosition}");

        var clean = await CommandLineOf.RunAsync(Ledger, Http, Check);
        clean.ExitCode.ShouldBe(0, clean.Error);
        foreach (var view in LedgerViews.All)
            clean.Out.ShouldContain($"{view.Name}: ");
        clean.Out.Split("all as the log gives them.").Length.ShouldBe(LedgerViews.All.Count + 1);

        await using (var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections)))
        await using (var tamper = admin.CreateCommand(
            "update ledger.view_rows set team = 'sales' where tenant_id = $1 and view = 'kept-rate'"))
        {
            tamper.Parameters.Add(new() { Value = Tenant });
            (await tamper.ExecuteNonQueryAsync()).ShouldBe(1);
        }
        var tampered = await CommandLineOf.RunAsync(Ledger, Http, Check, "kept-rate", "relationships");
        tampered.ExitCode.ShouldBe(1, tampered.Error);
        tampered.Out.ShouldContain("kept-rate: 1 rows");
        tampered.Out.ShouldContain("1 differ.");
        tampered.Out.ShouldContain($"customer-{anna} P-1");
        var told = JsonElement.Parse((await CommandLineOf.RunAsync(Ledger, Http, Check, "kept-rate", "--json")).Out);
        told[0].Items("items").Single().Items("columns").Single().GetString().ShouldBe("team");

        (await CommandLineOf.RunAsync(Ledger, Http, "rebuild", "kept-rate")).ExitCode.ShouldBe(0);
        (await CommandLineOf.RunAsync(Ledger, Http, Check)).ExitCode.ShouldBe(0);
        (await CommandLineOf.RunAsync(Ledger, Http, Check, "no-such-view")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task The_former_name_still_checks_and_says_what_it_is_called_now()
    {
        var former = await CommandLineOf.RunAsync(Ledger, Http, "drill", "kept-rate", "--json");
        former.ExitCode.ShouldBe(0, former.Error);
        former.Error.ShouldContain("`crmledger check-consistency`");
        JsonElement.Parse(former.Out)[0].Text("view").ShouldBe("kept-rate");
        (await CommandLineOf.RunAsync(Ledger, Http, Check, "kept-rate")).Error.ShouldBeEmpty();

        var asked = await Http.PostAsync("/v1/views/kept-rate/drill", "");
        asked.Status.ShouldBe(200, asked.Text);
        asked.Number("differences").ShouldBe(0);
        (await Http.GetAsync("/openapi/v1.json")).Text.ShouldNotContain("drill");
    }
}
