namespace CrmLedger.Server.Views;

/// <summary>The query parameters of an operation, for its description.</summary>
public sealed class QueryMetadata(params (string Name, string Description)[] parameters)
{
    /// <summary>Names with what they mean.</summary>
    public IReadOnlyList<(string Name, string Description)> Parameters => parameters;

    /// <summary>The names of those that must be given.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];
}
