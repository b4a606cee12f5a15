using System.Globalization;

namespace CrmLedger.Transparency;

internal static class InternetJsonNumber
{
    private const int MaxLength = 1000;
    private const int MaxExponent = 1000;

    /// <summary>Measures the JSON number that the text begins with.</summary>
    /// <returns>Its length in bytes; 0 if there is none.</returns>
    internal static int Length(ReadOnlySpan<byte> text)
    {
        var at = text is [(byte)'-', ..] ? 1 : 0;
        var whole = Digits(text[at..]);
        if (whole == 0)
            return 0;
        // RFC 8259 §6: no leading zeros. What follows a zero is then no part of the number.
        at += text[at] == '0' ? 1 : whole;

        if (text[at..] is [(byte)'.', ..])
        {
            var fraction = Digits(text[(at + 1)..]);
            if (fraction == 0)
                return 0;
            at += 1 + fraction;
        }

        if (text[at..] is [(byte)'e' or (byte)'E', ..])
        {
            at += text[(at + 1)..] is [(byte)'+' or (byte)'-', ..] ? 2 : 1;
            var exponent = Digits(text[at..]);
            if (exponent == 0)
                return 0;
            at += exponent;
        }

        return at;
    }

    /// <summary>Says why a well-formed number does not survive being a double, or null if it does.</summary>
    internal static string? Fault(ReadOnlySpan<byte> literal)
    {
        if (literal.Length <= 15 && Digits(literal) == literal.Length)
            return null;
        if (literal.Length > MaxLength)
            return "The number is written with more than 1,000 characters.";

        var mark = literal.IndexOfAny((byte)'e', (byte)'E');
        var exponent = mark < 0 ? 0 : Exponent(literal[(mark + 1)..]);
        if (Math.Abs(exponent) > MaxExponent)
            return "The number's exponent is beyond 1,000.";

        Span<byte> buffer = stackalloc byte[MaxLength];
        var digits = Significant(mark < 0 ? literal : literal[..mark], buffer, out var point);
        return digits.IsEmpty ? null : Fault(digits, point + exponent);
    }

    private static string? Fault(ReadOnlySpan<byte> digits, int point)
    {
        const string changed = "The number changes when it is read as a double (IEEE 754 binary64). "
            + "Use fewer digits, or send it as a string.";
        if (digits.Length > EcmaScriptNumber.MaxDigits)
            return changed;
        Span<byte> normal = stackalloc byte[EcmaScriptNumber.MaxDigits + 8];
        digits.CopyTo(normal);
        normal[digits.Length] = (byte)'e';
        _ = (point - digits.Length).TryFormat(
            normal[(digits.Length + 1)..], out var written, default, CultureInfo.InvariantCulture);
        normal = normal[..(digits.Length + 1 + written)];
        if (!double.TryParse(normal, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || !double.IsFinite(value))
            return "The number is too large for a double (IEEE 754 binary64).";
        if (value == 0)
            return "The number is too close to zero for a double (IEEE 754 binary64).";
        Span<byte> shortest = stackalloc byte[EcmaScriptNumber.MaxDigits];
        shortest = shortest[..EcmaScriptNumber.ShortestDigits(value, shortest, out var shortestPoint)];
        return point == shortestPoint && digits.SequenceEqual(shortest) ? null : changed;
    }

    // The mantissa as 0.d₁d₂… × 10^point without zeros at either end; empty for zero.
    private static ReadOnlySpan<byte> Significant(ReadOnlySpan<byte> mantissa, Span<byte> buffer, out int point)
    {
        if (mantissa[0] == '-')
            mantissa = mantissa[1..];
        point = mantissa.IndexOf((byte)'.');
        if (point < 0)
            point = mantissa.Length;
        var count = 0;
        foreach (var character in mantissa)
        {
            if (character == '.' || (count == 0 && character == '0'))
                continue;
            buffer[count++] = character;
        }

        var all = mantissa.Length - (point < mantissa.Length ? 1 : 0);
        point -= all - count;
        return buffer[..count].TrimEnd((byte)'0');
    }

    // Saturates: it is compared with MaxExponent before anything else.
    private static int Exponent(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var character in text)
        {
            if (character is not ((byte)'+' or (byte)'-'))
                value = Math.Min(MaxExponent + 1, (value * 10) + (character - '0'));
        }

        return text[0] == '-' ? -value : value;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }
}
