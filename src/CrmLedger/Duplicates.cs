namespace CrmLedger;

/// <summary>Lists in commands are sets: what is listed twice is a slip, and would be counted twice.</summary>
internal static class Duplicates
{
    /// <summary>Why the list cannot stand, or null when every entry is there once.</summary>
    public static Rejection? Refusal<T>(IReadOnlyList<T>? list, string field)
    {
        if (list is null)
            return null;
        var seen = new HashSet<T>();
        foreach (var entry in list)
        {
            if (!seen.Add(entry))
                return new Rejection(RejectionCode.ListedTwice, $"'{entry}' is listed twice. List it once.", field);
        }
        return null;
    }
}
