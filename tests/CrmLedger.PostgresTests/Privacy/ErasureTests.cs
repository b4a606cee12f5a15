using System.Diagnostics;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>Erasing a customer by the API, and what every server says afterwards.</summary>
public sealed class ErasureTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Anna = "/v1/customers/ref:anna";

    /// <summary>What a server that missed the notice may take, with room for a busy machine.</summary>
    private static readonly TimeSpan s_unnoticed = TimeSpan.FromSeconds(4);

    private LedgerHttp _admin = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _admin = await Ledger.ClientAsync(Tenant, Scopes.Admin);
        await JoinAsync("erik", "support");
        foreach (string reference in new[] { "anna", "bert", "carl" })
            await RegisterAsync(reference);
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
        _admin.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_erased_customer_is_reported_and_the_key_is_gone_with_the_event()
    {
        await DoAsync($"{Anna}/consents", new { purpose = "news", given = true });
        (await CountAsync("subject_keys")).ShouldBe(4);

        var report = await EraseAsync("anna");

        report.Json.GetProperty("alreadyErased").GetBoolean().ShouldBeFalse();
        report.Text("reason").ShouldBe("Asked by anna");
        report.Number("events").ShouldBe(4);
        report.Number("sealedEvents").ShouldBe(2, "consent_recorded and customer_erased hold nothing personal");
        report.Number("provableEvents").ShouldBe(4);
        report.Items("customers").Count.ShouldBe(1);
        report.Items("notReached").Select(n => n.Text("what")).ShouldContain("backups");
        (await LogAsync())[^1].Text("type").ShouldBe("customer_erased");
        (await CountAsync("subject_keys")).ShouldBe(3);
        (await CountAsync("erased_subjects")).ShouldBe(1);
        (await ReadAsync($"{Anna}/history")).Text("customer.name").ShouldBe("[erased]");
        (await ReadAsync("/v1/customers/ref:bert/history")).Text("customer.name").ShouldBe("Name of bert");
        (await ReadAsync(report.Items("customers")[0].Text("receipt")!)).Number("leafIndex")
            .ShouldBe(report.Items("customers")[0].Number("position"));
    }

    [Fact]
    public async Task Erasing_twice_says_that_it_was_done_and_records_nothing()
    {
        var first = await EraseAsync("anna");
        long size = await LogSizeAsync();

        var second = await EraseAsync("anna");

        second.Json.GetProperty("alreadyErased").GetBoolean().ShouldBeTrue();
        second.Text("erasedAt").ShouldBe(first.Text("erasedAt"));
        second.Json.GetProperty("customers").ToString().ShouldBe(first.Json.GetProperty("customers").ToString());
        (await LogSizeAsync()).ShouldBe(size);
    }

    [Fact]
    public async Task Only_an_administrator_erases_and_only_a_customer_who_is_there()
    {
        (await Http.PostAsync($"{Anna}/erase", """{"reason":"x"}""")).Problem.ShouldBe("forbidden");
        (await _admin.PostAsync("/v1/customers/ref:nobody/erase", """{"reason":"x"}""")).Problem
            .ShouldBe("customer_unknown");
        (await _admin.PostAsync("/v1/customers/nobody/erase", """{"reason":"x"}""")).Problem
            .ShouldBe("customer_unknown");
        (await _admin.PostAsync($"{Anna}/erase", "{}")).Text.ShouldContain("/reason");
        (await _admin.PostAsync($"{Anna}/erase", """{"reason":"x"}""", ("If-Match", "\"1\""))).Problem
            .ShouldBe("invalid_request");
        (await AppendAsync(CloudEvent("1", "customer_erased", "customer/anna", new { reason = "x" })))
            .Number("rejected").ShouldBe(1);
        (await CountAsync("subject_keys")).ShouldBe(4);
    }

    [Fact]
    public async Task Nothing_personal_can_be_recorded_of_somebody_who_was_erased()
    {
        await EraseAsync("anna");
        long size = await LogSizeAsync();
        await RefusedAsync("/v1/customers", new { reference = "anna", name = "Anna again" }, 409, "customer_erased");
        await RefusedAsync($"{Anna}/correct-details", new { name = "Anna again" }, 409, "customer_erased");
        await RefusedAsync($"{Anna}/promises/P-1/dispute", new { note = "Nobody called" }, 409, "customer_erased");
        string registered = (await ReadAsync($"{Anna}/history")).Items("events")[^1].Text("id")!;
        await RefusedAsync($"{Anna}/annulments", new { eventId = registered, reason = "x" }, 409, "customer_erased");
        (await AppendAsync(CloudEvent("1", "customer_registered", "customer/anna", new { name = "Anna again" })))
            .Items("items")[0].Text("problem.type").ShouldBe("urn:crmledger:problem:customer_erased");
        (await LogSizeAsync()).ShouldBe(size);
        (await CountAsync("subject_keys")).ShouldBe(3);
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("bert")]
    [InlineData("carl")]
    public async Task Of_customers_who_are_one_by_merges_all_are_erased_together(string asked)
    {
        await RegisterAsync("dora");
        await DoAsync($"{Anna}/merge", new { customerId = "ref:bert", reason = "Twice" });
        await DoAsync("/v1/customers/ref:bert/merge", new { customerId = "ref:carl", reason = "Twice" });
        await DoAsync("/v1/customers/ref:dora/merge", new { customerId = "ref:carl", reason = "Twice" });
        await DoAsync("/v1/customers/ref:dora/unmerge", new { reason = "Two people" });

        var report = await EraseAsync(asked);

        report.Items("customers").Count.ShouldBe(3);
        foreach (string gone in new[] { "anna", "bert", "carl" })
            (await ReadAsync($"/v1/customers/ref:{gone}/history")).Text("customer.name").ShouldBe("[erased]", gone);
        (await ReadAsync("/v1/customers/ref:dora/history")).Text("customer.name").ShouldBe("Name of dora");
        (await LogAsync()).Where(e => e.Text("type") == "customer_erased").Select(e => e.Text("recordedAt")).Distinct()
            .Count().ShouldBe(1, "one transaction");
        (await CountAsync("subject_keys")).ShouldBe(2, "erik and dora");
    }

    [Fact]
    public async Task An_erasure_that_meets_other_writers_and_merges_leaves_nobody_of_them()
    {
        var erasing = Task.Run(() => EraseAsync("carl"));
        var merging = Enumerable.Range(0, 6).Select(async i =>
        {
            await Http.PostAsync($"/v1/customers", Json(new { reference = $"m{i}", name = $"Name of m{i}" }));
            return await Http.PostAsync($"/v1/customers/ref:m{i}/merge",
                Json(new { customerId = "ref:carl", reason = "Twice" }));
        }).ToList();
        var merges = await Task.WhenAll(merging);
        await erasing;

        // Whoever was merged before the end is erased, too; whoever came later was told.
        for (int i = 0; i < merges.Length; i++)
        {
            (await ReadAsync($"/v1/customers/ref:m{i}/history")).Text("customer.name")
                .ShouldBe(merges[i].Status == 200 ? "[erased]" : $"Name of m{i}", merges[i].Text);
            if (merges[i].Status != 200)
                merges[i].Problem.ShouldBe("customer_erased");
        }
    }

    [Fact]
    public async Task Another_server_forgets_the_key_when_it_is_told()
    {
        var (other, there) = await ReaderBesideAsync();
        long started = Stopwatch.GetTimestamp();
        await EraseAsync("anna");
        await EventuallyAsync(() => there.GetAsync($"{Anna}/history"), a => a.Text("customer.name") == "[erased]");
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(s_unnoticed);
        there.Dispose();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Another_server_that_is_not_told_uses_the_key_for_two_seconds_at_most()
    {
        var (other, there) = await ReaderBesideAsync();
        // Past the triggers, which would tell.
        await AsSuperuserAsync("""
            insert into ledger.erased_subjects select tenant_id, subject_id, now(), 'x' from ledger.subject_keys
              where tenant_id = $1 and subject_id = $2;
            """, "delete from ledger.subject_keys where tenant_id = $1 and subject_id = $2");
        long started = Stopwatch.GetTimestamp();
        await EventuallyAsync(() => there.GetAsync($"{Anna}/history"), a => a.Text("customer.name") == "[erased]");
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(s_unnoticed);
        (await there.GetAsync($"{Anna}/promises/P-1")).Text("promise.conditions").ShouldBe("[erased]");
        there.Dispose();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_is_read_while_it_is_destroyed_is_not_remembered()
    {
        var tenant = await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant);
        var anna = tenant.Keys.CustomerId("anna");
        var made = tenant.Subjects.Make(anna);
        tenant.Subjects.Forget(anna);
        tenant.Subjects.Remember(made);
        (await tenant.Subjects.FindAsync(anna, CancellationToken.None)).ShouldNotBe(made.Key);
    }

    private async Task<Answer> EraseAsync(string reference)
    {
        var answer = await _admin.PostAsync(
            $"/v1/customers/ref:{reference}/erase", $$"""{"reason":"Asked by {{reference}}"}""");
        answer.Status.ShouldBe(200, answer.Text);
        return answer;
    }

    /// <summary>Another server that has the keys of this tenant's customers in memory.</summary>
    private async Task<(RunningLedger, LedgerHttp)> ReaderBesideAsync()
    {
        var other = await Ledger.BesideAsync();
        var there = other.ClientOf(Http.Key);
        (await there.GetAsync($"{Anna}/history")).Text("customer.name").ShouldBe("Name of anna");
        (await there.GetAsync($"{Anna}/promises/P-1")).Text("promise.conditions").ShouldBe("Anna has been called.");
        return (other, there);
    }

    private async Task<long> CountAsync(string table)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var count = admin.CreateCommand($"select count(*) from ledger.{table} where tenant_id = $1");
        count.Parameters.Add(new() { Value = Tenant });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task AsSuperuserAsync(params string[] statements)
    {
        var keys = (await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant)).Keys;
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var connection = await admin.OpenConnectionAsync();
        await using (var past = new NpgsqlCommand("set session_replication_role = replica", connection))
            await past.ExecuteNonQueryAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (string sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new() { Value = Tenant });
            command.Parameters.Add(new() { Value = keys.CustomerId("anna") });
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }
        await transaction.CommitAsync();
    }
}
