namespace CrmLedger.Cli.Import;

/// <summary>How a subject names its stream.</summary>
[Flags]
internal enum Naming
{
    None = 0,
    ByReference = 1,
    ById = 2,
}

/// <summary>Which stream a subject means, as far as can be told without the server.</summary>
/// <param name="Text">The same for every spelling: <c>customer/anna</c> and <c>customer/ref:anna</c>.</param>
/// <param name="Naming">
/// Names of the two kinds may mean the same stream: only the server knows the id of a reference.
/// </param>
internal readonly record struct StreamName(string Text, Naming Naming)
{
    public static StreamName Of(string subject)
    {
        int slash = subject.IndexOf('/', StringComparison.Ordinal);
        string kind = subject[..(slash + 1)], name = subject[(slash + 1)..];
        if (Guid.TryParseExact(name, "D", out var id))
            return new($"{kind}{id}", Naming.ById);
        return new(name.StartsWith("ref:", StringComparison.Ordinal) ? kind + name[4..] : subject, Naming.ByReference);
    }
}
