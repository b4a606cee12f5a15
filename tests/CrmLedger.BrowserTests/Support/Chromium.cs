namespace CrmLedger.BrowserTests.Support;

/// <summary>Debian's Chromium, or the one that <c>CRMLEDGER_CHROMIUM</c> names; ops/test installs it.</summary>
internal static class Chromium
{
    public static string Path { get; } = Environment.GetEnvironmentVariable("CRMLEDGER_CHROMIUM")
        ?? new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException("There is no Chromium. Install it: apt-get install chromium");
}
