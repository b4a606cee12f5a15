using System.Globalization;

namespace CrmLedger.Transparency;

/// <summary>Numbers as ECMAScript prints them (ECMA-262 Number::toString, which RFC 8785 §3.2.2.3 demands).</summary>
internal static class EcmaScriptNumber
{
    /// <summary>The longest text: sign, "0.", five zeros and 17 digits.</summary>
    internal const int MaxLength = 25;

    /// <summary>The most digits that a shortest decimal needs.</summary>
    internal const int MaxDigits = 17;

    /// <summary>Finds the shortest decimal that reads back as the same double: 0.d₁d₂…dₖ × 10^point.</summary>
    /// <param name="magnitude">Finite and greater than zero.</param>
    /// <param name="digits">Receives k ASCII digits, the first and the last not zero; 17 bytes are enough.</param>
    /// <param name="point">The power of ten, n in the words of ECMA-262.</param>
    /// <returns>k, at least 1.</returns>
    internal static int ShortestDigits(double magnitude, Span<byte> digits, out int point)
    {
        Span<byte> text = stackalloc byte[32];
        _ = magnitude.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        text = text[..length];

        var exponent = 0;
        var mark = text.IndexOf((byte)'E');
        if (mark >= 0)
        {
            exponent = int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..mark];
        }

        var count = 0;
        var beforePoint = text.Length;
        var leadingZeros = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
                beforePoint = i;
            else if (count > 0 || text[i] != '0')
                digits[count++] = text[i];
            else
                leadingZeros++;
        }

        while (digits[count - 1] == '0')
            count--;
        point = beforePoint + exponent - leadingZeros;
        return count;
    }

    /// <summary>Writes a finite number; both zeros are written <c>0</c>.</summary>
    /// <param name="value">Finite.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    internal static int Format(double value, Span<byte> destination)
    {
        if (value == 0)
        {
            destination[0] = (byte)'0';
            return 1;
        }

        var at = 0;
        if (value < 0)
            destination[at++] = (byte)'-';
        Span<byte> digits = stackalloc byte[MaxDigits];
        digits = digits[..ShortestDigits(Math.Abs(value), digits, out var point)];
        return at + point switch
        {
            > 21 or <= -6 => Scientific(digits, point - 1, destination[at..]),
            > 0 => Plain(digits, point, destination[at..]),
            _ => Fraction(digits, -point, destination[at..]),
        };
    }

    private static int Plain(ReadOnlySpan<byte> digits, int point, Span<byte> destination)
    {
        if (digits.Length <= point)
        {
            digits.CopyTo(destination);
            destination[digits.Length..point].Fill((byte)'0');
            return point;
        }

        digits[..point].CopyTo(destination);
        destination[point] = (byte)'.';
        digits[point..].CopyTo(destination[(point + 1)..]);
        return digits.Length + 1;
    }

    private static int Fraction(ReadOnlySpan<byte> digits, int zeros, Span<byte> destination)
    {
        "0."u8.CopyTo(destination);
        destination.Slice(2, zeros).Fill((byte)'0');
        digits.CopyTo(destination[(2 + zeros)..]);
        return 2 + zeros + digits.Length;
    }

    private static int Scientific(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        var at = 0;
        destination[at++] = digits[0];
        if (digits.Length > 1)
        {
            destination[at++] = (byte)'.';
            digits[1..].CopyTo(destination[at..]);
            at += digits.Length - 1;
        }

        destination[at++] = (byte)'e';
        destination[at++] = exponent < 0 ? (byte)'-' : (byte)'+';
        _ = Math.Abs(exponent).TryFormat(destination[at..], out var written, default, CultureInfo.InvariantCulture);
        return at + written;
    }
}
