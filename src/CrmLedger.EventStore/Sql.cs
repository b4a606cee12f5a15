using System.Reflection;

namespace CrmLedger.EventStore;

/// <summary>The texts of the .sql files that stand beside the classes that run them.</summary>
public static class Sql
{
    /// <summary>Loads an embedded .sql file.</summary>
    /// <param name="path">Its path within the owner's project, for example <c>Reading/read_stream.sql</c>.</param>
    /// <param name="owner">The project that embeds it; the event store when null.</param>
    public static string Load(string path, Assembly? owner = null)
    {
        owner ??= typeof(Sql).Assembly;
        string name = $"{owner.GetName().Name}.{path.Replace('/', '.')}";
        using var stream = owner.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no embedded file {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
