using System.Globalization;
using System.Text;
using CrmLedger.Tests.Transparency;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>A JSON text, and why it is no I-JSON; null when it is.</summary>
internal sealed record JsonSample(byte[] Utf8, string? Fault);

/// <summary>
/// Random JSON of the kinds that two readers take differently, I-JSON and not. A text is faulty because one known fault
/// was put into it, so that nobody has to be asked whether it is.
/// </summary>
internal static class OddJson
{
    private const int DeepestAllowed = 64;

    private static readonly string[] s_numbers =
    [
        "0", "-0", "-0.0", "0e0", "0.00E-5", "-0e+9", "1", "-1", "1.0", "100e-2", "1E2", "9007199254740992",
        "-9007199254740991", "9007199254740994", "1e21", "1e20", "123456789012345680000", "1e-6", "1e-7", "0.000001",
        "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308", "-1.7976931348623157E+308", "0.1", "0.3",
        "333333333.3333333", "4.35", "1e308", "10e307", "0.1e309", "1e-300", "295147905179352830000",
    ];

    private static readonly string[] s_names =
    [
        "", "__proto__", "constructor", "10", "9", "1", "a", "A", "\u00e9", "e\u0301", "\ufb33", "\ud83d\ude00",
        "\u20ac", "\r", "\u0080", "\u007f", "\"", "\\", "/", "</script>", "\ue000", "\ud800\udc00", "\uff5e", "id",
        "position",
    ];

    private static readonly (string Fault, byte[] Value)[] s_faults =
    [
        .. new[]
        {
            "1e400", "-1e400", "1e-400", "9007199254740993", "-9007199254740993", "123456789012345678901",
            "0.1000000000000000055511151231257827", "3.14159265358979323846", "1e1001", "1e-1001", "0e99999999999",
        }.Select(n => ("a number that no double holds", Ascii(n))),
        ("a number of more than 1,000 characters", Ascii("1." + new string('0', 1_001))),
        .. new[] { "01", "+1", ".5", "1.", "-", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "1_000" }
            .Select(n => ("no number of JSON", Ascii(n))),
        .. new[] { "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\ud83d\"", "{\"\\udfff\":1}" }
            .Select(t => ("a lone surrogate", Ascii(t))),
        .. new[] { "\"\\u0000\"", "\"a\\u0000b\"", "{\"\\u0000\":1}" }.Select(t => ("U+0000", Ascii(t))),
        .. new[] { "\"\\ufffe\"", "\"\\uFFFF\"", "\"\\ufdd0\"", "\"\\ud83f\\udfff\"" }
            .Select(t => ("a noncharacter", Ascii(t))),
        .. new[] { "\"\u0001\"", "\"\n\"", "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u12\"", "\"abc", "'a'", "\"\\" }
            .Select(t => ("no string of JSON", Ascii(t))),
        ("no UTF-8", [(byte)'"', 0xFF, (byte)'"']),
        ("no UTF-8", [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']),
        ("no UTF-8", [(byte)'"', 0xC0, 0x80, (byte)'"']),
        ("no UTF-8", [(byte)'"', 0xF0, 0x9F, (byte)'"']),
        .. new[] { "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"\\u0061\":3}", "{\"\":{\"x\":0,\"x\":null}}" }
            .Select(t => ("a name twice", Ascii(t))),
        .. new[] { "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":}", "[1", "{\"a\":1", "]", "[1}", "" }
            .Select(t => ("a structure that does not end or begin", Ascii(t))),
        .. new[] { "tru", "True", "nul", "undefined", "/**/1", "1//", "1 2", "\ufeff1" }
            .Select(t => ("no value of JSON", Encoding.UTF8.GetBytes(t))),
    ];

    /// <summary>One text in four is faulty.</summary>
    public static JsonSample Next(Random random)
    {
        if (random.Next(4) > 0)
            return new(Encoding.UTF8.GetBytes(Valid(random)), null);
        if (random.Next(20) == 0)
        {
            int depth = random.Next(5) == 0 ? random.Next(1_000, 20_000) : random.Next(DeepestAllowed + 1, 200);
            return new(Encoding.UTF8.GetBytes(Nested(random, depth)), "nested too deeply");
        }
        var (fault, value) = s_faults[random.Next(s_faults.Length)];
        string beside = Valid(random);
        var (before, after) = random.Next(3) switch
        {
            0 => ("", ""),
            1 => ($"[{beside},", "]"),
            _ => ("{\"x\":", $",\"y\":{beside}}}"),
        };
        return new([.. Encoding.UTF8.GetBytes(before), .. value, .. Encoding.UTF8.GetBytes(after)], fault);
    }

    private static string Valid(Random random)
    {
        return random.Next(8) switch
        {
            0 or 1 => JsonSamples.Text(random.Next(), random.Next()),
            2 => Nested(random, random.Next(1, DeepestAllowed)),
            3 => $"[{string.Join(" , ", Enumerable.Range(0, random.Next(8)).Select(_ => Scalar(random)))}]",
            4 or 5 => Object(random),
            _ => Scalar(random),
        };
    }

    private static string Scalar(Random random)
    {
        return random.Next(8) switch
        {
            0 => s_numbers[random.Next(s_numbers.Length)],
            1 or 2 => Double(random),
            3 => random.NextInt64(-(1L << 53), (1L << 53) + 1).ToString(CultureInfo.InvariantCulture),
            4 => ((string[])["null", "true", "false"])[random.Next(3)],
            5 when random.Next(200) == 0 => String(random, random.Next(10_000, 60_000)),
            _ => String(random, random.Next(20)),
        };
    }

    /// <summary>Any finite double, subnormal ones too, in its shortest digits and one of several spellings.</summary>
    private static string Double(Random random)
    {
        double value;
        do
            value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        while (!double.IsFinite(value));
        if (random.Next(2) == 0)
            value = Math.Round(random.NextDouble() * 1_000_000, random.Next(6));
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        return random.Next(3) switch
        {
            0 => shortest,
            1 => shortest.Replace("E+", "e", StringComparison.Ordinal),
            _ when shortest.Contains('E', StringComparison.Ordinal) => shortest,
            _ => shortest + (shortest.Contains('.', StringComparison.Ordinal) ? "000" : ".00"),
        };
    }

    private static string Nested(Random random, int depth)
    {
        var text = new StringBuilder();
        var ends = new StringBuilder();
        for (int i = 0; i < depth; i++)
        {
            bool isArray = random.Next(2) == 0;
            text.Append(isArray ? "[" : "{\"a\":");
            ends.Insert(0, isArray ? ']' : '}');
        }
        return text.Append('1').Append(ends).ToString();
    }

    private static string Object(Random random)
    {
        var names = Enumerable.Range(0, random.Next(12))
            .Select(_ => random.Next(2) == 0
                ? s_names[random.Next(s_names.Length)]
                : Characters(random, random.Next(8)))
            .Distinct(StringComparer.Ordinal);
        return $"{{{string.Join(",\n", names.Select(n => $"{Quoted(random, n)}: {Scalar(random)}"))}}}";
    }

    private static string String(Random random, int length) => Quoted(random, Characters(random, length));

    /// <summary>Characters of all planes, but for those that I-JSON forbids and U+0000.</summary>
    private static string Characters(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            int value = random.Next(4) switch
            {
                0 => random.Next(1, 0x80),
                1 => random.Next(0x80, 0x800),
                2 => random.Next(0x800, 0x10000),
                _ => random.Next(0x10000, 0x110000),
            };
            if (Rune.IsValid(value) && (value & 0xFFFE) != 0xFFFE && value is not (>= 0xFDD0 and <= 0xFDEF))
                text.Append(new Rune(value));
        }
        return text.ToString();
    }

    private static string Quoted(Random random, string characters)
    {
        var text = new StringBuilder("\"");
        foreach (char unit in characters)
        {
            bool isEscaped = unit is < ' ' or '"' or '\\' || random.Next(6) == 0 && !char.IsSurrogate(unit);
            _ = unit switch
            {
                '"' or '\\' or '/' when random.Next(2) == 0 => text.Append('\\').Append(unit),
                '\n' when random.Next(2) == 0 => text.Append("\\n"),
                '\b' when random.Next(2) == 0 => text.Append("\\b"),
                _ when isEscaped || (char.IsSurrogate(unit) && characters.Length % 2 == 0) =>
                    text.Append("\\u").Append(((int)unit).ToString(random.Next(2) == 0 ? "x4" : "X4", null)),
                _ => text.Append(unit),
            };
        }
        return text.Append('"').ToString();
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
