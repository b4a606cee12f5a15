using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.OpenApi;

/// <summary>The API's description without a server.</summary>
public sealed class OpenApiCommandTests(DescribedServer server) : IClassFixture<DescribedServer>
{
    [Fact]
    public async Task The_command_line_prints_what_a_server_serves_and_makes_no_folder()
    {
        string home = Path.Combine(Path.GetTempPath(), $"crmledger-none-{Guid.CreateVersion7():N}");
        var nothing = new Dictionary<string, string>
        {
            ["CRMLEDGER_HOME"] = home,
            ["HOME"] = home,
            ["ConnectionStrings__Ledger"] = "Host=127.0.0.1;Port=1",
        };

        var printed = await CommandLineOf.RunProgramAsync(nothing, "openapi");

        (printed.ExitCode, printed.Error).ShouldBe((0, ""));
        printed.Out.ShouldBe(await server.ReadAsync("/openapi/v1.json"));
        Directory.Exists(home).ShouldBeFalse();
    }
}
