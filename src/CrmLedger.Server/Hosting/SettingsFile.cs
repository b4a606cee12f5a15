using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmLedger.Server.Hosting;

/// <summary>
/// <c>settings.json</c> of the data folder: the server's address, by which the command line finds it, and a key. Its
/// owner may edit it: whatever else it holds stays.
/// </summary>
/// <param name="path">Where it is, or will be.</param>
public sealed class SettingsFile(string path)
{
    /// <summary>The key, or null.</summary>
    public string? ReadKey() => Read()?["key"] is JsonValue key && key.TryGetValue(out string? text) ? text : null;

    /// <summary>
    /// Writes the file (mode 0600). One that is no JSON object is kept as <c>settings.json.broken</c>.
    /// </summary>
    /// <param name="url">The server's address.</param>
    /// <param name="key">The key; null leaves the one that is there.</param>
    public void Write(string url, string? key)
    {
        var settings = Read();
        if (settings is null && File.Exists(path))
            File.Move(path, path + ".broken", overwrite: true);
        settings ??= [];
        settings["url"] = url;
        if (key is not null)
            settings["key"] = key;
        string draft = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new StreamWriter(draft, options))
            stream.WriteLine(settings.ToJsonString(LedgerJson.Options));
        File.Move(draft, path, overwrite: true);
    }

    private JsonObject? Read()
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
