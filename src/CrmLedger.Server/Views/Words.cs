using System.Text;
using System.Text.Json;

namespace CrmLedger.Server.Views;

/// <summary>
/// Numbers for texts and ids that come again and again, so that a row holds four bytes of each. Not for
/// several threads.
/// </summary>
public sealed class Words
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> _ids = [];
    private readonly List<string> _all = [];

    /// <summary>The text, or the id as text, of a number.</summary>
    public string this[int number] => _all[number];

    /// <summary>The number of a text.</summary>
    public int Of(string text)
    {
        if (!_texts.TryGetValue(text, out int number))
            _texts[text] = number = Add(text);
        return number;
    }

    /// <summary>The number of a text in UTF-8.</summary>
    public int Of(ReadOnlySpan<byte> utf8)
    {
        Span<char> text = utf8.Length <= 256 ? stackalloc char[utf8.Length] : new char[utf8.Length];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        return _texts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out int number)
            ? number
            : Of(text.ToString());
    }

    /// <summary>The number of an id.</summary>
    public int Of(Guid id)
    {
        if (!_ids.TryGetValue(id, out int number))
            _ids[id] = number = Add(id.ToString("D"));
        return number;
    }

    /// <summary>A word of ours as it is written in JSON.</summary>
    public static string Name(Enum word) => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    /// <summary>All words of a kind as they are written in JSON, in their own order.</summary>
    public static IEnumerable<string> Names<TWord>()
        where TWord : struct, Enum => Enum.GetValues<TWord>().Select(word => Name(word));

    private int Add(string text)
    {
        _all.Add(text);
        return _all.Count - 1;
    }
}
