namespace CrmLedger.BrowserTests.Support;

/// <summary>
/// Debian's Chromium, or the one that <c>CRMLEDGER_CHROMIUM</c> names; ops/test installs it. Its headless shell, which
/// is the same engine without a browser's window around it, opens pages three times as fast and comes first.
/// </summary>
internal static class Chromium
{
    private static readonly string[] s_places =
        ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser"];

    public static string Path { get; } = Environment.GetEnvironmentVariable("CRMLEDGER_CHROMIUM")
        ?? Array.Find(s_places, File.Exists)
        ?? throw new FileNotFoundException("There is no Chromium. Install it: apt-get install chromium-headless-shell");
}
