using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using Npgsql;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>Who was given whose personal text.</summary>
public sealed class ReadingsTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Anna = "/v1/customers/ref:anna";
    private LedgerHttp _auditor = null!;
    private LedgerHttp _leader = null!;
    private LedgerHttp _worker = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _auditor = await Ledger.ClientAsync(Tenant, Scopes.Audit);
        _leader = await Ledger.ClientAsync(Tenant, Scopes.Lead);
        _worker = await Ledger.ClientAsync(Tenant, Scopes.Append, Scopes.Read);
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        await RegisterAsync("bert");
        await DoAsync($"{Anna}/promises", new
        {
            promiseId = "P-1",
            kind = "callback",
            conditions = "Anna has been called.",
            memberId = "ref:erik",
            dueAt = Now.AddDays(1),
        });
    }

    public override async Task DisposeAsync()
    {
        foreach (var http in new[] { _auditor, _leader, _worker })
            http.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task What_leaders_and_auditors_are_given_is_recorded_of_each_customer_in_it()
    {
        await OkAsync(_auditor, $"{Anna}/history");
        await OkAsync(_leader, $"/v1/commitments/open?atLeast={LastPosition}");
        await OkAsync(_leader, $"{Anna}/promises/P-1");
        await OkAsync(_auditor, "/v1/events");

        (await ReadingsAsync("anna")).ShouldBe([
            (_auditor.KeyId, "ReadLog"), (_leader.KeyId, "ReadPromise"), (_leader.KeyId, "OpenCommitments"),
            (_auditor.KeyId, "CustomerHistory"),
        ]);
        (await ReadingsAsync("bert")).ShouldBe([(_auditor.KeyId, "ReadLog")]);
    }

    [Fact]
    public async Task What_holds_no_personal_text_or_is_refused_is_not_recorded_nor_is_daily_work()
    {
        await OkAsync(_worker, $"{Anna}/history");
        await OkAsync(_leader, "/v1/kept-rate");
        await OkAsync(_auditor, $"{Anna}/readings");
        (await _leader.GetAsync($"{Anna}/history")).Problem.ShouldBe("forbidden");
        (await ReadingsAsync("anna")).ShouldBeEmpty();
        (await _leader.GetAsync($"{Anna}/readings")).Problem.ShouldBe("forbidden");
        (await _auditor.GetAsync("/v1/customers/nobody/readings")).Problem.ShouldBe("customer_unknown");
        (await _auditor.GetAsync($"{Anna}/readings?cursor=x")).Problem.ShouldBe("invalid_request");
    }

    [Fact]
    public async Task What_was_erased_is_read_by_nobody_and_who_read_it_before_stays_known()
    {
        await OkAsync(_auditor, $"{Anna}/history");
        using (var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin))
            (await admin.PostAsync($"{Anna}/erase", """{"reason":"asked"}""")).Status.ShouldBe(200);
        await OkAsync(_auditor, $"{Anna}/history");
        (await ReadingsAsync("anna")).ShouldBe([(_auditor.KeyId, "CustomerHistory")]);
    }

    [Fact]
    public async Task Readings_come_in_pages()
    {
        for (int i = 0; i < 5; i++)
            await OkAsync(_auditor, $"{Anna}/history");
        var seen = new List<string?>();
        for (string? next = ""; next is not null;)
        {
            var page = await OkAsync(_auditor, $"{Anna}/readings?limit=2{(next.Length > 0 ? "&cursor=" + next : "")}");
            page.Items("readings").Count.ShouldBeInRange(1, 2);
            seen.AddRange(page.Items("readings").Select(r => r.Text("readAt")));
            next = page.Text("next");
        }
        seen.Count.ShouldBe(5);
        seen.ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task The_command_line_shows_readings_in_words_as_JSON_and_as_a_table()
    {
        var none = await CommandLineOf.RunAsync(Ledger, _auditor, "readings", "anna");
        none.Out.ShouldContain("No leader or auditor has read");
        for (int i = 0; i < 3; i++)
            await OkAsync(_auditor, $"{Anna}/history");

        var shown = await CommandLineOf.RunAsync(Ledger, _auditor, "readings", "anna", "--limit", "2");
        (shown.ExitCode, shown.Error).ShouldBe((ExitCode.Done, ""));
        shown.Out.Split('\n').Count(l => l.Contains(_auditor.KeyId) && l.Contains("CustomerHistory")).ShouldBe(2);
        var json = JsonDocument.Parse(
            (await CommandLineOf.RunAsync(Ledger, _auditor, "readings", "anna", "--json")).Out).RootElement;
        json.Items("readings").Count.ShouldBe(3);
        var table = await CommandLineOf.RunAsync(Ledger, _auditor, "readings", "anna", "--csv");
        table.Out.Trim().Split('\n').Select(l => l.TrimEnd()).ShouldBe([
            "read_at,key_id,operation",
            .. json.Items("readings").Select(r => $"{r.Text("readAt")},{r.Text("keyId")},{r.Text("operation")}"),
        ]);
        table.Out.TrimEnd().ShouldBe((await OkAsync(_auditor, $"{Anna}/readings?format=csv")).Text.TrimEnd());
        var refused = await CommandLineOf.RunAsync(Ledger, _leader, "readings", "anna");
        (refused.ExitCode, refused.Out).ShouldBe((ExitCode.Refused, ""));
        (await CommandLineOf.RunAsync(Ledger, _auditor, "readings", "nobody")).ExitCode.ShouldBe(ExitCode.Refused);
        (await CommandLineOf.RunAsync(Ledger, _auditor, "readings", "anna", "--csv", "--limit", "1")).ExitCode
            .ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_not_answered()
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        async Task AsAdminAsync(string sql)
        {
            await using var command = admin.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
        await AsAdminAsync("revoke insert on ledger.personal_reads from ledger_server");
        try
        {
            var refused = await _auditor.GetAsync($"{Anna}/history");
            refused.Status.ShouldBe(503, refused.Text);
            refused.Text.ShouldNotContain("Name of anna");
        }
        finally
        {
            await AsAdminAsync("grant insert on ledger.personal_reads to ledger_server");
        }
        await OkAsync(_auditor, $"{Anna}/history");
    }

    private static async Task<Answer> OkAsync(LedgerHttp http, string path)
    {
        var answer = await http.GetAsync(path);
        answer.Status.ShouldBe(200, $"{path}: {answer.Text}");
        return answer;
    }

    private async Task<List<(string? KeyId, string? Operation)>> ReadingsAsync(string reference) =>
        [.. (await OkAsync(_auditor, $"/v1/customers/ref:{reference}/readings")).Items("readings")
            .Select(r => (r.Text("keyId"), r.Text("operation")))];
}
