using System.Runtime.Versioning;

namespace CrmLedger.PostgresTests.Fixtures;

/// <summary>
/// Every question that the API takes is answered from the first store's data as that version answered it, byte by byte.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class GoldenAnswersTests(V1Server server) : IClassFixture<V1Server>
{
    /// <summary>Set to 1 to write the answers anew, where they are meant to change; the tests fail then.</summary>
    private const string Rewrite = "CRMLEDGER_REWRITE_GOLDEN";

    private static IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(V1DataFolder.PathTo("golden")).Select(f => Path.GetFileName(f)).Order()];

    public static TheoryData<string> Each => [.. Files];

    [Theory]
    [MemberData(nameof(Each))]
    public async Task Every_question_is_answered_as_it_was(string file)
    {
        string path = V1DataFolder.PathTo("golden", file);
        var before = GoldenFile.Read(await File.ReadAllTextAsync(path));
        before.ShouldNotBeEmpty();
        var now = new List<GoldenQuestion>();
        foreach (var question in before)
        {
            using var response = await server.AskAsync(question);
            now.Add(question with { Answer = await GoldenFile.WrittenAsync(response) });
        }
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            await File.WriteAllTextAsync(path, GoldenFile.Write(now));
            Assert.Fail($"{file} was written anew. Look at the difference, and unset {Rewrite}.");
        }
        now.Zip(before).Where(pair => pair.First != pair.Second).Take(5)
            .Select(pair => Difference(pair.First, pair.Second)).ShouldBeEmpty();
        (await File.ReadAllTextAsync(path)).ShouldBe(GoldenFile.Write(before), "written by hand");
    }

    [Fact]
    public async Task Every_operation_that_reads_is_asked_and_answers()
    {
        var asked = Files.SelectMany(file => GoldenFile.Read(File.ReadAllText(V1DataFolder.PathTo("golden", file))))
            .Where(q => q.Answer.StartsWith("200,", StringComparison.Ordinal))
            .Select(q => q.Path.Split('?')[0]).ToHashSet();
        using var http = server.Ledger.ClientOf(V1DataFolder.Key("north-all"));
        var described = await http.GetAsync("/openapi/v1.json");
        described.Json.GetProperty("paths").EnumerateObject().Where(p => p.Value.TryGetProperty("get", out _))
            .Select(p => p.Name).Where(path => !asked.Any(a => IsAt(path, a))).ShouldBeEmpty();
    }

    /// <summary>Whether an address is one of those that an operation has.</summary>
    private static bool IsAt(string path, string address) =>
        path.Split('/') is var parts && address.Split('/') is var given && parts.Length == given.Length
        && parts.Zip(given).All(p => p.First == p.Second || p.First.StartsWith('{'));

    /// <summary>The question, both statuses and lengths, and the first line whose answer is another one.</summary>
    private static string Difference(GoldenQuestion now, GoldenQuestion before)
    {
        string[] lines = now.Answer.Split('\n'), old = before.Answer.Split('\n');
        int at = 1 + lines.Skip(1).Zip(old.Skip(1)).TakeWhile(l => l.First == l.Second).Count();
        string Line(string[] of) => $"{of[0]}, line {at + 1}: {of.ElementAtOrDefault(at) ?? "(none)"}";
        return $"{now}\n  was {Line(old)}\n  is  {Line(lines)}\n";
    }
}
