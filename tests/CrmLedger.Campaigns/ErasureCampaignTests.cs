using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CrmLedger.Customers;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Members;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Privacy;
using CrmLedger.Transparency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>
/// Customers with a marker in every personal field are erased on one of two servers, both of which hold their keys in
/// memory. Afterwards the markers are sought in everything that either says and in everything that is stored.
/// </summary>
public sealed class ErasureCampaignTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Tenant = "erasure";
    private const int Writers = 8;

    private readonly string _folder = Path.Combine(
        Path.GetTempPath(), $"crmledger-erasure-{Guid.CreateVersion7():N}");
    private readonly string _erased = $"erased{Guid.CreateVersion7():N}";
    private readonly string _kept = $"kept{Guid.CreateVersion7():N}";
    private readonly WrittenLog _log = new();
    private RunningLedger _one = null!;
    private RunningLedger _other = null!;
    private LedgerHttp _http = null!;
    private LedgerHttp _there = null!;

    /// <summary>A customer, as it was before it was erased.</summary>
    private sealed record Planted(string Reference, string Id, int Events, string First, byte[] Receipt);

    public async Task InitializeAsync()
    {
        _one = new() { CheckpointFolder = _folder };
        await _one.InitializeAsync();
        _other = await _one.BesideAsync();
        foreach (var server in new[] { _one, _other })
            server.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
        _http = await _one.ClientAsync(Tenant, Scopes.Admin);
        _there = _other.ClientOf(_http.Key);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        _there.Dispose();
        await _other.DisposeAsync();
        await _one.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nothing_answers_with_what_was_erased_and_every_proof_still_holds()
    {
        var campaign = new Campaign("ErasureCampaign", output);
        int count = Campaign.Size(small: 3, full: 1_000);
        var took = Stopwatch.StartNew();
        var kept = await PlantAsync(_kept, 0);
        var planted = await PlantAllAsync(count);
        campaign.Say("customers", $"{count:N0}, each with a marker of its own in all "
            + $"{EveryPersonalField.All.Count - 2} personal fields of a customer");
        var before = await AnswersAsync(_one, planted[0]);
        new SpelledMarker(_erased).In(Joined(before)).ShouldNotBeEmpty("else the search finds nothing");
        new SpelledMarker(_erased).In(Joined(await AnswersAsync(_other, planted[^1]))).ShouldNotBeEmpty();
        campaign.Say("addresses asked of each server", $"{before.Count:N0}, before and after");

        await EachAsync(planted, async p =>
        {
            var report = await _http.PostAsync($"/v1/customers/{p.Id}/erase", """{"reason":"asked"}""");
            report.Status.ShouldBe(200, report.Text);
            report.Number("provableEvents").ShouldBe(p.Events + 1);
        });

        await EachAsync(planted, p => ReadsErasedAsync(_there, p));
        foreach (var (server, p) in new[] { (_one, planted[0]), (_other, planted[^1]), (_one, planted[^1]) })
        {
            foreach (var (path, text) in await AnswersAsync(server, p))
                new SpelledMarker(_erased).In(text).ShouldBeEmpty(path);
        }
        new SpelledMarker(_kept).In(Joined(await AnswersAsync(_other, kept))).ShouldNotBeEmpty("others stay");
        await EachAsync(planted, p => ReadsErasedAsync(_http, p));
        campaign.Say("bytes of database text searched", $"{await SearchStoredAsync(planted):N0}");
        new SpelledMarker(_erased).In(_log.Text).ShouldBeEmpty("in a server's log");
        await EachAsync(planted, ProvesAsync);
        campaign.Say("events whose leaf recomputes",
            $"{(await WholeLog.CheckAsync(_one.Connections, Tenant)).Count:N0}, all of the log");
        campaign.Say("receipts from before that verify", $"{planted.Count:N0}");
        campaign.Say("took", $"{took.Elapsed.TotalSeconds:N0} s");
        campaign.SayBound("customers erased", count);
        await campaign.WriteAsync("Does anything answer with personal text after its subject was erased, in any common "
            + "spelling, and does every proof from before still hold?");
    }

    private async Task<IReadOnlyList<Planted>> PlantAllAsync(int count)
    {
        var planted = new ConcurrentBag<Planted>();
        await EachAsync(Enumerable.Range(0, count), async i => planted.Add(await PlantAsync(_erased, i)));
        return [.. planted.OrderBy(p => p.Reference, StringComparer.Ordinal)];
    }

    private async Task<Planted> PlantAsync(string marker, int number)
    {
        var fields = new EveryPersonalField($"{marker}-{number}", "clear", $"member-{marker[..4]}-{number}");
        foreach (var (path, body) in fields.Commands())
        {
            var answer = await _http.PostAsync(path, body);
            answer.Status.ShouldBeInRange(200, 201, $"{path}: {answer.Text}");
        }
        EveryPersonalField.All.Where(f => !f.StartsWith(nameof(JoinMember), StringComparison.Ordinal))
            .Where(f => !fields.Planted.Contains($"{marker}-{number}-{f}")).ShouldBeEmpty("a field has no marker");
        string reference = fields.Reference(nameof(RegisterCustomer));
        var history = await _there.GetAsync($"/v1/customers/ref:{reference}/history");
        history.Text("customer.name").ShouldBe($"{marker}-{number}-CorrectCustomerDetails.name");
        string first = history.Items("events")[0].Text("id")!;
        var receipt = await _http.GetAsync($"/v1/events/{first}/receipt?format=tlog-proof");
        return new(reference, history.Text("customerId")!, history.Items("events").Count, first,
            Encoding.UTF8.GetBytes(receipt.Text));
    }

    private async Task<IReadOnlyList<(string Path, string Text)>> AnswersAsync(RunningLedger server, Planted planted)
    {
        using var http = server.ClientOf(_http.Key);
        return await new EveryAnswer(http, new Dictionary<string, string>
        {
            ["customerId"] = planted.Id,
            ["promiseId"] = "p1",
            ["eventId"] = planted.First,
        }).AskAsync();
    }

    private static string Joined(IEnumerable<(string Path, string Text)> answers) =>
        string.Join('\n', answers.Select(a => a.Text));

    /// <summary>The whole history is there, and wherever personal text stood it says that it was erased.</summary>
    private static async Task ReadsErasedAsync(LedgerHttp http, Planted planted)
    {
        var history = await http.GetAsync($"/v1/customers/{planted.Id}/history");
        history.Items("events").Count.ShouldBe(planted.Events + 1);
        history.Text("customer.name").ShouldBe("[erased]");
        int personal = 0;
        foreach (var e in history.Items("events"))
        {
            foreach (string field in LedgerEvents.SealedFieldsOf(e.Text("type")!))
            {
                if (e.Text($"data.{field}") is not { } text)
                    continue;
                text.ShouldBe("[erased]", $"{e.Text("type")}.{field}");
                personal++;
            }
        }
        personal.ShouldBeGreaterThan(10);
    }

    /// <summary>The receipt from before the erasure proves the event as it is stored now.</summary>
    private async Task ProvesAsync(Planted planted)
    {
        var reader = _one.Services.GetRequiredService<EventReader>();
        var stored = await reader.FindAsync(Tenant, Guid.Parse(planted.First), CancellationToken.None);
        using var log = new PublishedLog(_one.Url, Tenant);
        var policy = await log.PolicyAsync();
        Receipt.Parse(planted.Receipt).Check(stored!.HashLeaf(Tenant), policy).ShouldBeNull();
    }

    /// <returns>How much text there was to search.</returns>
    private async Task<long> SearchStoredAsync(IReadOnlyList<Planted> planted)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(_one.Connections));
        await using (var keys = admin.CreateCommand("select subject_id from ledger.subject_keys"))
        await using (var rows = await keys.ExecuteReaderAsync())
        {
            var left = new HashSet<Guid>();
            while (await rows.ReadAsync())
                left.Add(rows.GetGuid(0));
            planted.Where(p => left.Contains(Guid.Parse(p.Id))).ShouldBeEmpty("their keys");
            left.Count.ShouldBe(planted.Count + 2, "the members' and the one who was kept");
        }
        await using (var checkpoint = admin.CreateCommand("checkpoint"))
            await checkpoint.ExecuteNonQueryAsync();
        ClusterSearch.In(PostgresCluster.Home, _erased).Holding(_erased).ShouldBeEmpty("tables, indexes, logs");
        ClusterSearch.In(_folder, _erased).Holding(_erased).ShouldBeEmpty("the data folder");
        string rowsAsText = await DatabaseText.OfAsync(admin);
        new SpelledMarker(_erased).In(rowsAsText).ShouldBeEmpty("tables");
        string dump = await DumpAsync();
        dump.ShouldContain("customer_erased");
        new SpelledMarker(_erased).In(dump).ShouldBeEmpty("pg_dump");
        return rowsAsText.Length + dump.Length;
    }

    private async Task<string> DumpAsync()
    {
        var admin = new NpgsqlConnectionStringBuilder(await PostgresCluster.AdminOfAsync(_one.Connections));
        string program = Path.Combine(Directory.GetDirectories("/usr/lib/postgresql").Max()!, "bin", "pg_dump");
        string[] arguments =
        [
            "--host", admin.Host!, "--port", admin.Port.ToString(CultureInfo.InvariantCulture), "--username",
            admin.Username!, admin.Database!,
        ];
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["PGPASSWORD"] = admin.Password;
        using var process = Process.Start(start)!;
        string dump = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
        return dump;
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = Writers }, async (item, _) => await work(item));
}
