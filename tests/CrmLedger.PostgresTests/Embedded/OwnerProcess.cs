using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CrmLedger.PostgresTests.Embedded;

/// <summary>Another process that serves a home, for killing. It runs <see cref="StartupHook"/>.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class OwnerProcess : IDisposable
{
    private readonly Process process;

    private OwnerProcess(Process process)
    {
        this.process = process;
    }

    public int Id => process.Id;

    public static async Task<OwnerProcess> ServeAsync(TemporaryHome home)
    {
        string assembly = typeof(OwnerProcess).Assembly.Location;
        // <root>/shared/Microsoft.NETCore.App/<version>/ is where we run from; the test host may not be dotnet itself.
        string dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        var start = new ProcessStartInfo(dotnet, ["exec", assembly])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = assembly;
        start.Environment["CRMLEDGER_TEST_HOME"] = home.Path;
        var owner = new OwnerProcess(Process.Start(start)!);
        (await owner.process.StandardOutput.ReadLineAsync()).ShouldBe("serving");
        return owner;
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
