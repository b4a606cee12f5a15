using System.CommandLine;
using System.Text;
using CrmLedger.Server.OpenApi;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger openapi</c>: the API's description, from which typed clients are made.</summary>
internal static class OpenApiCommand
{
    public static Command Make(Shell shell)
    {
        var command = new TaughtCommand("openapi", """
            Print the API's description, an OpenAPI 3.1 document in JSON. It is what a server serves at
            /openapi/v1.json, byte for byte; this needs no server, no database and no data folder.

            Example: crmledger openapi > crmledger.json
            """);
        command.SetAction(async (_, _) =>
        {
            // No line end follows: it would be one more than the server serves.
            await shell.Out.WriteAsync(Encoding.UTF8.GetString(await LedgerOpenApi.WriteAsync()));
            return ExitCode.Done;
        });
        return command;
    }
}
