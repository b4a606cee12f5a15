namespace CrmLedger.Transparency;

/// <summary>What keeps a text from being I-JSON, and where.</summary>
/// <param name="Pointer">
/// RFC 6901 pointer to the offending value, "" for the whole text. Where the fault is in a member's name or between
/// values, it points to the innermost value that holds it.
/// </param>
/// <param name="Detail">Plain words for the sender; where it names a place, lines and bytes count from 1.</param>
public sealed record InternetJsonViolation(string Pointer, string Detail);

/// <summary>The check that untrusted bytes are JSON which every reader understands in the same way.</summary>
/// <remarks>
/// RFC 7493 (I-JSON) over RFC 8259. Beyond what RFC 7493 demands it refuses a byte order mark, U+0000 (PostgreSQL's
/// jsonb cannot hold it), numbers that change when read as a double, and number literals whose length or exponent
/// passes 1,000 (PostgreSQL's numeric fails on such zeros and fractions). Any value may stand at the top.
/// </remarks>
public static class InternetJson
{
    /// <summary>Finds the first fault in a text. Takes linear time, uses memory in proportion, never throws.</summary>
    /// <param name="utf8">Untrusted bytes.</param>
    /// <param name="maxDepth">How many arrays and objects may stand in one another; 0 allows none.</param>
    /// <returns>Null when the text is I-JSON.</returns>
    public static InternetJsonViolation? Check(ReadOnlySpan<byte> utf8, int maxDepth = 64)
    {
        var scanner = new InternetJsonScanner(utf8, maxDepth);
        return scanner.Scan();
    }
}
