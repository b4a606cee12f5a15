using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Transparency;
using Npgsql;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>
/// What is hashed is the same bytes from the request, from the row read back and from a program that shares no code
/// with ours; and what could not be is refused before anything is written.
/// </summary>
public sealed class CanonicalCampaignTests(RunningLedger ledger, ITestOutputHelper output)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const int Batch = 2_000;
    private const int Clients = 8;

    private readonly Dictionary<string, int> _refused = new(StringComparer.Ordinal);

    [SecondVerifierFact]
    public async Task Every_json_value_has_one_canonical_form_or_is_refused_before_anything_is_written()
    {
        var campaign = new Campaign("CanonicalCampaign", output);
        int values = Campaign.Size(small: 2_000, full: 200_000);
        await using var second = new SecondVerifier();
        await using var database = NpgsqlDataSource.Create((await PostgresCluster.NewDatabaseAsync()).Owner);
        await using (var create = database.CreateCommand(
            "create table samples (n int primary key, value jsonb not null)"))
        {
            await create.ExecuteNonQueryAsync();
        }
        using var http = new HttpClient { BaseAddress = Ledger.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Http.Key);
        int alike = 0;
        long bytes = 0;
        for (int done = 0; done < values; done += Batch)
        {
            var samples = Enumerable.Range(0, Math.Min(Batch, values - done))
                .Select(_ => OddJson.Next(campaign.Random)).ToList();
            var faulty = samples.FindAll(s => s.Fault is not null);
            await RefusedAsync(http, faulty);
            var texts = samples.FindAll(s => s.Fault is null).ConvertAll(s => s.Utf8);
            await AlikeAsync(texts, database, second);
            alike += texts.Count;
            bytes += texts.Sum(t => (long)t.Length);
        }
        (await LogSizeAsync()).ShouldBe(0, "something was written");
        campaign.Say("values", $"{values:N0}");
        campaign.Say("alike", $"{alike:N0} I-JSON values of {bytes:N0} bytes: one canonical form from C#, from "
            + "TypeScript and from the jsonb read back from PostgreSQL");
        campaign.Say("refused", $"{values - alike:N0} by 400 not_json, and nothing was written: " + string.Join(", ",
            _refused.OrderByDescending(f => f.Value).Select(f => $"{f.Value:N0} {f.Key}")));
        campaign.SayBound("values", values);
        await campaign.WriteAsync("""
            Random JSON values, odd numbers, strings, names and nesting among them. Has each one canonical form (RFC
            8785), in C#, in TypeScript and after PostgreSQL kept it as jsonb; and is each that is no I-JSON refused
            before anything is written?
            """);
    }

    private static async Task AlikeAsync(List<byte[]> texts, NpgsqlDataSource database, SecondVerifier second)
    {
        var ours = texts.ConvertAll(text =>
        {
            InternetJson.Check(text).ShouldBeNull(Shown(text));
            return CanonicalJson.Canonicalize(text);
        });
        var theirs = await second.AnswerAsync(texts.ConvertAll(
            text => $$"""{"op":"canonical","jsonBase64":"{{Convert.ToBase64String(text)}}"}"""));
        var readBack = await ReadBackAsync(texts, database);
        readBack.Count.ShouldBe(texts.Count);
        for (int i = 0; i < texts.Count; i++)
        {
            string canonical = Encoding.UTF8.GetString(ours[i]);
            theirs[i]["canonical"]?.GetValue<string>().ShouldBe(canonical, $"TypeScript of {Shown(texts[i])}");
            theirs[i]["ok"]!.GetValue<bool>().ShouldBeTrue(Shown(texts[i]));
            ours[i].AsSpan().SequenceEqual(CanonicalJson.Canonicalize(readBack[i]))
                .ShouldBeTrue($"jsonb of {Shown(texts[i])}");
        }
    }

    private static async Task<List<byte[]>> ReadBackAsync(List<byte[]> texts, NpgsqlDataSource database)
    {
        await using (var write = database.CreateCommand("""
            insert into samples select n, value::jsonb from unnest($1::text[]) with ordinality as s (value, n)
            """))
        {
            write.Parameters.Add(new() { Value = texts.ConvertAll(Encoding.UTF8.GetString) });
            await write.ExecuteNonQueryAsync();
        }
        var rows = new List<byte[]>();
        await using (var read = database.CreateCommand("select value from samples order by n"))
        await using (var reader = await read.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                rows.Add(reader.GetFieldValue<byte[]>(0));
        }
        await using var empty = database.CreateCommand("truncate samples");
        await empty.ExecuteNonQueryAsync();
        return rows;
    }

    private async Task RefusedAsync(HttpClient http, List<JsonSample> faulty)
    {
        await Parallel.ForEachAsync(faulty, new ParallelOptions { MaxDegreeOfParallelism = Clients },
            async (sample, cancel) =>
        {
            InternetJson.Check(sample.Utf8).ShouldNotBeNull(Shown(sample.Utf8));
            using var body = new ByteArrayContent([.. "{\"name\":\"Anna\",\"note\":"u8, .. sample.Utf8, (byte)'}']);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await http.PostAsync(new Uri("/v1/customers", UriKind.Relative), body, cancel);
            string said = await answer.Content.ReadAsStringAsync(cancel);
            ((int)answer.StatusCode).ShouldBe(400, $"{said} {Shown(sample.Utf8)}");
            JsonElement.Parse(said).Text("type").ShouldBe("urn:crmledger:problem:not_json", Shown(sample.Utf8));
        });
        foreach (var sample in faulty)
            _refused[sample.Fault!] = _refused.GetValueOrDefault(sample.Fault!) + 1;
    }

    private static string Shown(byte[] utf8) => Convert.ToBase64String(utf8.AsSpan(0, Math.Min(utf8.Length, 4_000)));
}
