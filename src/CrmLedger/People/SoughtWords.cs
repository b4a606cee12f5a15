namespace CrmLedger.People;

/// <summary>
/// What somebody is looked for by: each of its words must occur in the name or in the reference, in any order, without
/// regard to case and diacritics.
/// </summary>
public sealed class SoughtWords
{
    /// <summary>How long the text may be.</summary>
    public const int MostCharacters = 100;

    private readonly string[] _words;

    private SoughtWords(string text, string[] words) => (Text, _words) = (text, words);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The words of a text; null when it has none.</summary>
    public static SoughtWords? In(string text)
    {
        string[] words = PlainLetters.Of(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? null : new(text, words);
    }

    /// <summary>Whether somebody is called so.</summary>
    public bool OccurIn(string? name, string? reference)
    {
        var (called, known) = (PlainLetters.Of(name ?? ""), PlainLetters.Of(reference ?? ""));
        return Array.TrueForAll(_words, word => called.Contains(word, StringComparison.Ordinal)
            || known.Contains(word, StringComparison.Ordinal));
    }

    /// <summary>What lists by name are put in order by, so that É stands with E.</summary>
    public static string OrderOf(string name) => PlainLetters.Of(name);
}
