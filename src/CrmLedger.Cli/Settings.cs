using System.Text.Json;

namespace CrmLedger.Cli;

/// <summary>Where the server is and by which key we speak to it. Order: flag, environment, settings file.</summary>
/// <remarks>
/// A key is never an argument: every user of the machine could read it in the list of processes. The settings file's
/// key goes only to the settings file's address, so that pointing <c>--url</c> elsewhere does not hand it out.
/// </remarks>
/// <param name="Url">The server's address.</param>
/// <param name="Key">The API key.</param>
/// <param name="KeyFrom">Where the key was found, for messages.</param>
internal sealed record Settings(Uri Url, string Key, string KeyFrom)
{
    public const string UrlVariable = "CRMLEDGER_URL";
    public const string KeyVariable = "CRMLEDGER_KEY";
    public const string HomeVariable = "CRMLEDGER_HOME";

    public const string HowToGetAKey =
        $"Create one with `crmledger keys create --tenant NAME --scopes append,read,lead,audit`, then set "
        + $"{KeyVariable} or give --key-file FILE.";

    public const string Help = """
        Settings, the first that is found counts:
          address      --url, then CRMLEDGER_URL, then "url" in settings.json
          key          --key-file, then CRMLEDGER_KEY, then "key" in settings.json
                       (a key is a secret, so it is never an argument; the key of settings.json
                       goes only to the address of settings.json)
          data folder  --home, then CRMLEDGER_HOME, then /var/lib/crmledger for root
                       and for others $XDG_DATA_HOME/crmledger, else ~/.local/share/crmledger;
                       settings.json lies in it
          database     ConnectionStrings__Ledger, else an embedded PostgreSQL (serve and keys only)
        """;

    /// <summary>The data folder.</summary>
    /// <param name="flag">What <c>--home</c> said, or null.</param>
    /// <param name="environment">The environment variable of a name, or null.</param>
    public static string Home(string? flag, Func<string, string?> environment)
    {
        if ((NonEmpty(flag) ?? NonEmpty(environment(HomeVariable))) is { } home)
            return Path.GetFullPath(home);
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
            return "/var/lib/crmledger";
        string data = NonEmpty(environment("XDG_DATA_HOME"))
            ?? Path.Combine(
                environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                ".local",
                "share");
        return Path.Combine(data, "crmledger");
    }

    /// <summary>What a command in another terminal must say to find the data folder, with a blank before it.</summary>
    /// <returns>Nothing where it is the folder that commands look in anyway.</returns>
    public static string HomeOption(string home, Func<string, string?> environment)
    {
        if (home == Home(null, name => name == HomeVariable ? null : environment(name)))
            return "";
        bool isPlain = home.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_');
        return " --home " + (isPlain ? home : $"'{home.Replace("'", "'\\''", StringComparison.Ordinal)}'");
    }

    /// <exception cref="CliFailure">There is no address or no key, or one of them cannot be used.</exception>
    public static Settings Find(string? urlFlag, string? keyFile, string? homeFlag, Func<string, string?> environment)
    {
        string path = Path.Combine(Home(homeFlag, environment), "settings.json");
        // A file that cannot be read is no matter to whoever says everything himself.
        var file = new Lazy<JsonElement?>(() => ReadFile(path));
        var url = Address(
            NonEmpty(urlFlag) ?? NonEmpty(environment(UrlVariable)) ?? Member(file.Value, "url"), path);

        if (NonEmpty(keyFile) is { } named)
            return new Settings(url, Checked(ReadKey(named), named), named);
        if (NonEmpty(environment(KeyVariable)) is { } key)
            return new Settings(url, Checked(key, KeyVariable), KeyVariable);
        if (Member(file.Value, "key") is { } saved && Member(file.Value, "url") is { } fileUrl
            && SameServer(url, Address(fileUrl, path)))
            return new Settings(url, Checked(saved, path), path);
        throw new CliFailure(ExitCode.Usage, $"There is no API key for {url}. {HowToGetAKey}");
    }

    private static bool SameServer(Uri one, Uri other) => Uri.Compare(
        one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static Uri Address(string? text, string settingsFile)
    {
        if (text is null)
        {
            throw new CliFailure(ExitCode.Usage,
                $"No server address. Start a server with `crmledger serve` (it writes its address to {settingsFile}), "
                + $"or give one with --url or {UrlVariable}.");
        }
        return Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new CliFailure(ExitCode.Usage,
                $"'{text}' is not a server address. Give one such as http://localhost:5000.");
    }

    private static string ReadKey(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(
                ExitCode.Usage, $"The key file {path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>
    /// A key goes into a header, so it is printable and has no blanks; the key itself is never shown.
    /// </summary>
    private static string Checked(string key, string from)
    {
        string trimmed = key.Trim();
        return trimmed.Length > 0 && trimmed.All(c => c is > ' ' and < '\u007f')
            ? trimmed
            : throw new CliFailure(ExitCode.Usage,
                $"What {from} holds is not an API key: one line, as `crmledger keys create` printed it.");
    }

    private static JsonElement? ReadFile(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var root = JsonElement.Parse(File.ReadAllBytes(path));
            return root.ValueKind == JsonValueKind.Object
                ? root
                : throw new CliFailure(ExitCode.Usage, $"The settings file {path} is not a JSON object.");
        }
        catch (JsonException broken)
        {
            throw new CliFailure(ExitCode.Usage, $"The settings file {path} is not JSON: {broken.Message}", broken);
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's server; flags and environment may still say everything.
            return null;
        }
    }

    private static string? Member(JsonElement? file, string name) =>
        file is { } root && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? NonEmpty(value.GetString())
            : null;

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
