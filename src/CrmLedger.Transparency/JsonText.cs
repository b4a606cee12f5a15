using System.Buffers;
using System.Text;

namespace CrmLedger.Transparency;

internal enum EscapeFault
{
    None = 0,
    NotAnEscape,
    LoneSurrogate,
}

internal static class JsonText
{
    /// <summary>The bytes that RFC 8785 §3.2.2.2 does not write literally inside a string.</summary>
    internal static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>Undoes the escapes of a JSON string's inside.</summary>
    /// <param name="raw">The bytes between the quotes.</param>
    /// <param name="destination">At least as long as <paramref name="raw"/>: unescaping only shortens.</param>
    /// <param name="written">Bytes written, when there is no fault.</param>
    /// <param name="faultAt">Offset in <paramref name="raw"/> of the backslash at fault.</param>
    internal static EscapeFault Unescape(
        ReadOnlySpan<byte> raw, Span<byte> destination, out int written, out int faultAt)
    {
        written = 0;
        faultAt = 0;
        var at = 0;
        while (true)
        {
            var plain = raw[at..].IndexOf((byte)'\\');
            var run = plain < 0 ? raw[at..] : raw.Slice(at, plain);
            run.CopyTo(destination[written..]);
            written += run.Length;
            if (plain < 0)
                return EscapeFault.None;

            at += plain;
            faultAt = at;
            if (at + 1 >= raw.Length)
                return EscapeFault.NotAnEscape;
            if (raw[at + 1] == 'u')
            {
                var fault = UnescapeUnicode(raw, ref at, out var rune);
                if (fault != EscapeFault.None)
                    return fault;
                written += rune.EncodeToUtf8(destination[written..]);
            }
            else
            {
                if (!TryShortEscape(raw[at + 1], out destination[written]))
                    return EscapeFault.NotAnEscape;
                written++;
                at += 2;
            }
        }
    }

    private static EscapeFault UnescapeUnicode(ReadOnlySpan<byte> raw, ref int at, out Rune rune)
    {
        rune = default;
        if (!TryCodeUnit(raw[at..], out var unit))
            return EscapeFault.NotAnEscape;
        at += 6;
        if (Rune.TryCreate(unit, out rune))
            return EscapeFault.None;
        if (!TryCodeUnit(raw[at..], out var low) || !Rune.TryCreate(unit, low, out rune))
            return EscapeFault.LoneSurrogate;
        at += 6;
        return EscapeFault.None;
    }

    private static bool TryCodeUnit(ReadOnlySpan<byte> escape, out char unit)
    {
        var value = 0;
        unit = '\0';
        if (escape.Length < 6 || escape[0] != '\\' || escape[1] != 'u')
            return false;
        foreach (var digit in escape.Slice(2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
            // The low nibble of an ASCII letter starts at 1 for A and for a.
            value = (value << 4) | ((digit & 0xF) + (digit > '9' ? 9 : 0));
        }

        unit = (char)value;
        return true;
    }

    private static bool TryShortEscape(byte letter, out byte value)
    {
        value = letter switch
        {
            (byte)'b' => (byte)'\b',
            (byte)'t' => (byte)'\t',
            (byte)'n' => (byte)'\n',
            (byte)'f' => (byte)'\f',
            (byte)'r' => (byte)'\r',
            (byte)'"' or (byte)'\\' or (byte)'/' => letter,
            _ => 0,
        };
        return value != 0;
    }
}
