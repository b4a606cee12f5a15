using System.Text;
using CrmLedger.PostgresTests.Appending;
using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>
/// The proof that no personal text is kept in clear, wherever one looks: unique texts are planted in every personal
/// field, and then sought in every file of the database cluster and in every row of every table.
/// </summary>
public sealed class PlantedMarkerTests(AlbaLedger ledger) : IClassFixture<AlbaLedger>
{
    [Fact]
    public async Task No_personal_text_is_found_anywhere_in_clear()
    {
        string marker = $"planted-{Guid.CreateVersion7():N}";
        string clear = $"clear-{Guid.CreateVersion7():N}";
        var fields = new EveryPersonalField(marker, clear);
        await SendEverythingAsync(fields, marker);
        EveryPersonalField.All.Where(field => !fields.Planted.Contains($"{marker}-{field}"))
            .ShouldBeEmpty("a field is personal and has no marker: send it in EveryPersonalField");

        // Before the checkpoint the texts would stand in the write-ahead log, after it in the tables' own files.
        var early = Files(marker, clear);
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(ledger.Connections));
        await using (var checkpoint = admin.CreateCommand("checkpoint"))
            await checkpoint.ExecuteNonQueryAsync();
        var late = Files(marker, clear);

        early.Holding(clear).ShouldContain(f => f.Contains("/pg_wal/"), "else the search finds nothing in the log");
        late.Holding(clear).ShouldContain(f => f.Contains("/base/"), "else the search finds nothing in the tables");
        early.Holding(marker).ShouldBeEmpty();
        late.Holding(marker).ShouldBeEmpty();
        string dump = await DatabaseText.OfAsync(admin);
        dump.ShouldContain(clear);
        dump.ShouldContain("sealed.1.");
        dump.Contains(marker, StringComparison.OrdinalIgnoreCase).ShouldBeFalse();
        string inHexadecimal = Convert.ToHexString(Encoding.UTF8.GetBytes(marker));
        dump.Contains(inHexadecimal, StringComparison.OrdinalIgnoreCase).ShouldBeFalse();
        await WholeLog.CheckAsync(ledger.Connections, "markers");
    }

    [Fact]
    public void The_search_finds_what_there_is_in_either_encoding_and_across_blocks()
    {
        string folder = Directory.CreateTempSubdirectory("crmledger-markers-").FullName;
        try
        {
            byte[] content = new byte[3 * ClusterSearch.BlockBytes];
            Encoding.UTF8.GetBytes("first-marker").CopyTo(content, ClusterSearch.BlockBytes - 5);
            Encoding.Unicode.GetBytes("second-marker").CopyTo(content, 2 * ClusterSearch.BlockBytes - 9);
            File.WriteAllBytes(Path.Combine(folder, "data"), content);
            File.WriteAllText(Path.Combine(folder, "empty"), "");

            var found = ClusterSearch.In(folder, "first-marker", "second-marker", "third-marker");

            found.Holding("first-marker").ShouldBe([Path.Combine(folder, "data")]);
            found.Holding("second-marker").ShouldBe([Path.Combine(folder, "data")]);
            found.Holding("third-marker").ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ClusterSearch Files(params string[] texts) => ClusterSearch.In(PostgresCluster.Home, texts);

    private async Task SendEverythingAsync(EveryPersonalField fields, string marker)
    {
        using var client = await ledger.ClientAsync("markers");
        int number = 0;
        foreach (var (path, body) in fields.Commands().ToList())
        {
            // Twice, so that the stored answer is asked for; the second one is looked up by the same key.
            var key = ("Idempotency-Key", $"\"{marker}-key-{number++}\"");
            for (int i = 0; i < 2; i++)
            {
                var answer = await client.PostAsync(path, body, key);
                answer.Status.ShouldBeInRange(200, 201, $"{path}: {answer.Text}");
            }
        }
        var bulk = await client.PostAsync(
            "/v1/events", fields.CloudEvents(), ("Content-Type", "application/cloudevents-batch+json"));
        bulk.Status.ShouldBe(200, bulk.Text);
        bulk.Json.GetProperty("appended").GetInt32().ShouldBe(4, bulk.Text);
        // What is refused leaves no trace either.
        (await client.PostAsync($"/v1/customers/ref:{marker}-nobody/promises", $$"""{"kind":"{{marker}}"}"""))
            .Status.ShouldBeInRange(400, 499);
        (await client.PostAsync("/v1/customers", $$"""{"name":"{{marker}}\u0000"}""")).Status.ShouldBeInRange(400, 499);
        (await client.PostAsync("/v1/customers", $$"""{"name":"{{marker}}"}""",
            ("Idempotency-Key", $"{marker}-key-0"))).Status.ShouldBe(422);
        string customer = $"/v1/customers/ref:{fields.Reference("RegisterCustomer")}";
        var history = await client.GetAsync($"{customer}/history");
        history.Text.ShouldContain($"{marker}-RegisterCustomer.name", customMessage: "who may read gets it in clear");
        (await client.GetAsync("/v1/commitments/open?atLeast=20")).Status.ShouldBe(200, "views were projected too");
    }
}

/// <summary>Which files hold which texts.</summary>
internal sealed class ClusterSearch
{
    /// <summary>So much of a file is looked at in one go.</summary>
    public const int BlockBytes = 1 << 20;

    private readonly Dictionary<string, List<string>> _files;

    private ClusterSearch(string[] texts) => _files = texts.ToDictionary(t => t, _ => new List<string>());

    /// <summary>The files that hold a text.</summary>
    public IReadOnlyList<string> Holding(string text) => _files[text];

    /// <summary>Searches every file below a folder, in UTF-8 and in UTF-16 of both byte orders.</summary>
    public static ClusterSearch In(string folder, params string[] texts)
    {
        var search = new ClusterSearch(texts);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            try
            {
                const FileShare anything = FileShare.ReadWrite | FileShare.Delete;
                using var content = new FileStream(file, FileMode.Open, FileAccess.Read, anything);
                search.Look(file, content);
            }
            catch (FileNotFoundException)
            {
                // PostgreSQL removed it meanwhile.
            }
            catch (IOException) when (Path.GetFileName(file) is "postgres.lock" or ['.', 's', '.', ..])
            {
                // Held by this process, and with its id in it; or a socket, which holds nothing.
            }
        }
        return search;
    }

    private void Look(string file, FileStream content)
    {
        var sought = _files.Keys.SelectMany(text => new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode }
            .Select(encoding => (Text: text, Bytes: encoding.GetBytes(text)))).ToList();
        int overlap = sought.Max(s => s.Bytes.Length) - 1;
        byte[] block = new byte[BlockBytes + overlap];
        int kept = 0;
        for (int read; (read = content.Read(block, kept, BlockBytes)) > 0;)
        {
            var seen = block.AsSpan(0, kept + read);
            foreach (var (text, bytes) in sought)
            {
                if (seen.IndexOf(bytes) >= 0 && !_files[text].Contains(file))
                    _files[text].Add(file);
            }
            kept = Math.Min(overlap, seen.Length);
            seen[^kept..].CopyTo(block);
        }
    }
}
