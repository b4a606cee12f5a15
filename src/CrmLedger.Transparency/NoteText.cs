using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace CrmLedger.Transparency;

/// <summary>The small grammar that notes, checkpoints, receipts and keys share. Every value has one spelling.</summary>
/// <remarks>
/// C2SP signed-note, "Format". One spelling matters: a text that could be rewritten without losing its meaning could
/// be altered without anybody noticing.
/// </remarks>
internal static class NoteText
{
    private static readonly UTF8Encoding Utf8Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The text holds a lone surrogate.</exception>
    internal static byte[] Encode(string text) => Utf8Strict.GetBytes(text);

    /// <exception cref="FormatException">Too long, not UTF-8, or a control character other than newline.</exception>
    internal static string Decode(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.Length > maxBytes)
            throw new FormatException($"The text has {utf8.Length} bytes; at most {maxBytes} are read.");
        if (!Utf8.IsValid(utf8))
            throw new FormatException("The text is not valid UTF-8.");
        var text = Encoding.UTF8.GetString(utf8);
        return HoldsControls(text)
            ? throw new FormatException("The text holds a control character other than newline.")
            : text;
    }

    /// <summary>Whether a character below U+0020 other than newline occurs.</summary>
    internal static bool HoldsControls(string text)
    {
        return text.AsSpan().ContainsAnyInRange('\0', '\t') || text.AsSpan().ContainsAnyInRange('\v', '\u001F');
    }

    /// <summary>Whether these characters can be one line of a note's text that is not blank.</summary>
    internal static bool IsLine(string line)
    {
        return line.Length > 0 && !line.Contains('\n') && !HoldsControls(line) && !HoldsLoneSurrogate(line);
    }

    /// <summary>Not empty, no Unicode space, no plus sign, no control character.</summary>
    internal static bool IsKeyName(string name)
    {
        return IsLine(name) && !name.Contains('+') && !name.Any(char.IsWhiteSpace);
    }

    /// <summary>RFC 4648 §4 with padding, without white space or stray bits; null for anything else.</summary>
    internal static byte[]? Bytes(ReadOnlySpan<char> base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64Chars(base64, bytes, out var length)
            && base64.SequenceEqual(Convert.ToBase64String(bytes, 0, length))
            ? bytes[..length]
            : null;
    }

    /// <summary>ASCII digits without a leading zero, at most 2^63−1; null for anything else.</summary>
    internal static long? Count(ReadOnlySpan<char> digits)
    {
        if (digits.ContainsAnyExceptInRange('0', '9') || (digits.Length > 1 && digits[0] == '0'))
            return null;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
    }

    private static bool HoldsLoneSurrogate(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var read) != OperationStatus.Done)
                return true;
            rest = rest[read..];
        }

        return false;
    }
}
