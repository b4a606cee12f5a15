using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace CrmLedger.Tests.Transparency;

/// <summary>Random I-JSON: one seed chooses the value, another how it is spelt.</summary>
internal static class JsonSamples
{
    private static readonly string[] Atoms =
        ["a", "b", "\"", "\\", "/", "\n", "\u0001", "\u007f", "é", "\u2028", "\ud7ff", "\ue000", "\uff5e", "😀", "𐀀"];

    public static Arbitrary<int> Seeds { get; } = Gen.Choose(0, 1_000_000_000).ToArbitrary();

    public static string Text(int valueSeed, int spellingSeed)
    {
        var text = new StringBuilder();
        Value(new Random(valueSeed), new Random(spellingSeed), text, depth: 0);
        return text.ToString();
    }

    private static void Value(Random value, Random spelling, StringBuilder text, int depth)
    {
        Space(spelling, text);
        switch (value.Next(depth < 4 ? 7 : 5))
        {
            case 0:
                text.Append(value.Next(2) == 0 ? "null" : "true");
                break;
            case 1:
                var number = value.Next(-50, 50) * Math.Pow(10, value.Next(-9, 25));
                Number(number.ToString("R", CultureInfo.InvariantCulture), spelling, text);
                break;
            case 2:
                text.Append(value.Next());
                break;
            case 3 or 4:
                String(Characters(value), spelling, text);
                break;
            case 5:
                Sequence(
                    [.. Enumerable.Range(0, value.Next(4)).Select(_ => Part(value.Next(), spelling, depth))],
                    text, "[]");
                break;
            default:
                Object(value, spelling, text, depth);
                break;
        }

        Space(spelling, text);
    }

    private static void Number(string shortest, Random spelling, StringBuilder text)
    {
        text.Append(shortest);
        if (spelling.Next(2) == 0 && !shortest.Contains('E', StringComparison.Ordinal))
            text.Append(shortest.Contains('.', StringComparison.Ordinal) ? "00e+0" : ".0");
    }

    private static void Object(Random value, Random spelling, StringBuilder text, int depth)
    {
        var names = Enumerable.Range(0, value.Next(24)).Select(_ => Characters(value))
            .Distinct(StringComparer.Ordinal).Select(name => (Name: name, Seed: value.Next())).ToArray();
        spelling.Shuffle(names);
        Sequence([.. names.Select(member => Member(member.Name, member.Seed, spelling, depth))], text, "{}");
    }

    private static string Member(string name, int seed, Random spelling, int depth)
    {
        var text = new StringBuilder();
        Space(spelling, text);
        String(name, spelling, text);
        Space(spelling, text);
        return text.Append(':').Append(Part(seed, spelling, depth)).ToString();
    }

    private static string Part(int seed, Random spelling, int depth)
    {
        var text = new StringBuilder();
        Value(new Random(seed), spelling, text, depth + 1);
        return text.ToString();
    }

    private static void Sequence(string[] parts, StringBuilder text, string brackets)
    {
        text.Append(brackets[0]).AppendJoin(',', parts).Append(brackets[1]);
    }

    private static string Characters(Random value)
    {
        return string.Concat(Enumerable.Range(0, value.Next(6)).Select(_ => Atoms[value.Next(Atoms.Length)]));
    }

    private static void String(string characters, Random spelling, StringBuilder text)
    {
        text.Append('"');
        foreach (var rune in characters.EnumerateRunes())
        {
            if (spelling.Next(3) == 0 || rune.Value is < 0x20 or '"' or '\\')
            {
                foreach (var unit in rune.ToString())
                    text.Append("\\u").Append(((int)unit).ToString(spelling.Next(2) == 0 ? "x4" : "X4", null));
            }
            else
            {
                text.Append(rune.ToString());
            }
        }

        text.Append('"');
    }

    private static void Space(Random spelling, StringBuilder text)
    {
        text.Append(" \n\t\r"[..spelling.Next(5)]);
    }
}
