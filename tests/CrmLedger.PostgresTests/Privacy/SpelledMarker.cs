using System.Text;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>A text of ASCII letters and digits in every spelling in which it could stand somewhere.</summary>
internal sealed class SpelledMarker
{
    private readonly List<(string Spelling, string Text, StringComparison By)> _spellings = [];

    public SpelledMarker(string marker)
    {
        const StringComparison anyCase = StringComparison.OrdinalIgnoreCase;
        foreach (var (name, bytes) in new[]
        {
            ("UTF-8", Encoding.UTF8.GetBytes(marker)), ("UTF-16", Encoding.Unicode.GetBytes(marker)),
            ("UTF-16BE", Encoding.BigEndianUnicode.GetBytes(marker)),
        })
        {
            _spellings.Add(($"{name} in hexadecimal", Convert.ToHexString(bytes), anyCase));
            for (int before = 0; before < 3; before++)
            {
                string inner = Base64Within(bytes, before);
                _spellings.Add(($"{name} in base64", inner, StringComparison.Ordinal));
                _spellings.Add(($"{name} in base64url", inner.Replace('+', '-').Replace('/', '_'),
                    StringComparison.Ordinal));
            }
        }
        _spellings.Add(("in clear, in either case", marker, anyCase));
        _spellings.Add(("backwards", string.Concat(marker.Reverse()), anyCase));
        _spellings.Add(("percent-encoded", string.Concat(marker.Select(c => $"%{(int)c:X2}")), anyCase));
        _spellings.Add(("escaped for JSON", string.Concat(marker.Select(c => $"\\u{(int)c:x4}")), anyCase));
    }

    /// <summary>In which spellings it stands there.</summary>
    public IReadOnlyList<string> In(string text) =>
        [.. _spellings.Where(s => text.Contains(s.Text, s.By)).Select(s => s.Spelling).Distinct()];

    /// <summary>The characters that are the same whatever follows, after so many bytes of something else.</summary>
    private static string Base64Within(byte[] bytes, int before)
    {
        string whole = Convert.ToBase64String([.. new byte[before], .. bytes]);
        int first = (before * 8 + 5) / 6;
        return whole[first..((before + bytes.Length) * 8 / 6)];
    }
}
