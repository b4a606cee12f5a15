using System.Net;
using System.Text.Json;
using CrmLedger.Cli;

namespace CrmLedger.Tests.Imports;

/// <summary>How an import that is complete ends, whatever the views do.</summary>
public sealed class ImportEndTests : IDisposable
{
    private readonly TestShell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task An_import_that_is_complete_is_done_also_when_the_status_cannot_be_had()
    {
        _shell.Ledger.Statuses.Enqueue((HttpStatusCode.ServiceUnavailable, "{}"));
        (await ImportAsync()).ShouldBe(ExitCode.Done);

        _shell.Ledger.Completed.ShouldBe((1, 2));
        _shell.Out.ToString().ShouldContain("2 events added");
        _shell.Out.ToString().ShouldContain("The views are still catching up");
    }

    [Fact]
    public async Task Views_that_do_not_come_are_given_up_after_a_minute()
    {
        _shell.Ledger.Answers["/v1/status"] = """{"head":{"size":3},"views":[{"position":0}]}""";
        (await ImportAsync("--json")).ShouldBe(ExitCode.Done);

        JsonElement.Parse(_shell.Out.ToString()).GetProperty("inViews").GetBoolean().ShouldBeFalse();
        _shell.Clock.Passed.TotalSeconds.ShouldBeInRange(55, 65);
    }

    [Fact]
    public async Task An_import_that_adds_nothing_waits_for_the_views_all_the_same()
    {
        await ImportAsync();
        int asked = _shell.Ledger.Asked.Count;
        foreach (int position in new[] { 4, 6, 7 })
        {
            _shell.Ledger.Statuses.Enqueue(
                (HttpStatusCode.OK, $$"""{"head":{"size":8},"views":[{"position":7},{"position":{{position}}}]}"""));
        }
        (await ImportAsync()).ShouldBe(ExitCode.Done);

        _shell.Ledger.Asked.Skip(asked).ShouldBe(["/v1/imports", "/v1/status", "/v1/status", "/v1/status"]);
    }

    private Task<int> ImportAsync(params string[] more) =>
        _shell.RunAsync(["import", "cdnow", _shell.File("purchases.txt", "1 0001 19970101 1 9.99"), .. more]);
}
