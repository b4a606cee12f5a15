using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Statements;

/// <summary>A number from the command line, stated, proved and checked, without a line of code.</summary>
public sealed class StatementCommandTests(RunningLedger ledger) : IClassFixture<RunningLedger>
{
    [Theory]
    [InlineData("'kept-rate' by team", "kept-rate", "--by", "team")]
    [InlineData("'kept-rate' by kind over month from 2026-01-01 00:00 UTC with annulled entries counted",
        "kept-rate", "--by", "kind", "--over", "month", "--from", "2026-01-01", "--with-annulled")]
    [InlineData("'satisfaction' by topic", "satisfaction", "--by", "topic")]
    [InlineData("'trust' of customer", "trust", "anna")]
    public async Task What_was_stated_is_exported_and_checked_and_the_question_is_told(
        string asked, params string[] command)
    {
        using var http = await ledger.ClientAsync("commands");
        await http.PostAsync("/v1/customers", """{"reference":"anna","name":"Anna Lind"}""");
        await http.PostAsync("/v1/customers/ref:anna/feedback", """
            {"feedbackId":"f1","kind":"csat","score":5,"topics":["tone"]}
            """);
        string folder = Directory.CreateTempSubdirectory("statement").FullName;
        string note = Path.Combine(folder, "note"), bundle = Path.Combine(folder, "bundle");

        await SucceedsAsync(http, [.. command, "--statement", note]);
        await SucceedsAsync(http, "export", "evidence", "--statement", note, "-o", bundle);
        using var log = new PublishedLog(ledger.Url, "commands");
        string key = $"{(await log.KeysAsync())[^1]}";
        (await SucceedsAsync(http, "verify", "bundle", bundle, "--key", key))
            .ShouldContain($"What the log has stated about {asked}");

        string altered = (await File.ReadAllTextAsync(bundle)).Replace("customer_registered", "customer_registereD");
        await File.WriteAllTextAsync(bundle, altered);
        (await CommandLineOf.RunAsync(ledger, http, "verify", "bundle", bundle, "--key", key)).ExitCode.ShouldBe(1);
        Directory.Delete(folder, recursive: true);
    }

    private async Task<string> SucceedsAsync(LedgerHttp http, params string[] command)
    {
        var ran = await CommandLineOf.RunAsync(ledger, http, command);
        ran.ExitCode.ShouldBe(0, $"{string.Join(' ', command)}: {ran.Error}");
        return ran.Out;
    }
}
