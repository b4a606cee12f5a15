using System.Text;

namespace CrmLedger.Tests.HouseRules;

/// <summary>A C# file without what is not code, so that rules look at code only. Lines stay where they were.</summary>
internal static class CSharpText
{
    /// <summary>The text with comments, strings and characters blanked out.</summary>
    public static string CodeOf(string text)
    {
        var code = new StringBuilder(text.Length);
        int i = 0;
        while (i < text.Length)
        {
            int end = EndOfNoCode(text, i);
            if (end == i)
            {
                code.Append(text[i++]);
                continue;
            }
            for (; i < end; i++)
                code.Append(text[i] == '\n' ? '\n' : ' ');
        }
        return code.ToString();
    }

    /// <summary>
    /// The members of the types in a file: where each begins, how many lines it takes, whether it is a field's data
    /// rather than something that runs, and its first line.
    /// </summary>
    public static IEnumerable<(int Line, int Lines, bool IsData, string Header)> MembersOf(string text)
    {
        string code = CodeOf(text);
        int start = 0;
        int depth = 0;
        for (int i = 0; i < code.Length; i++)
        {
            depth += code[i] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            bool ends = code[i] == ';' && depth == 0;
            if (code[i] == '{' && depth == 0)
            {
                string header = code[start..i];
                if (DeclaresType(header))
                {
                    start = i + 1;
                    continue;
                }
                i = Closing(code, i);
                // An expression goes on after its braces, and so does a property that has a first value.
                ends = Assigned(header) < 0 && !code.AsSpan(i + 1).TrimStart().StartsWith('=');
            }
            if (code[i] == '}' && depth == 0 && string.IsNullOrWhiteSpace(code[start..i]))
            {
                start = i + 1;
                continue;
            }
            if (!ends)
                continue;
            string member = code[start..(i + 1)];
            int skipped = member.Length - member.TrimStart().Length;
            yield return (
                1 + code.AsSpan(0, start + skipped).Count('\n'),
                1 + member.AsSpan(skipped).Count('\n'),
                Assigned(member.Split('{')[0]) is var at and >= 0 && member[at + 1] != '>',
                member.Trim().Split('\n')[0]);
            start = i + 1;
        }
    }

    private static bool DeclaresType(string header)
    {
        // What stands in brackets or after a colon or an equals sign names types but declares none.
        var words = new StringBuilder();
        int depth = 0;
        foreach (char c in header)
        {
            if (depth == 0 && c is ':' or '=')
                break;
            depth += c switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            words.Append(depth == 0 ? c : ' ');
        }
        return words.ToString().Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)
            .Any(w => w is "class" or "struct" or "interface" or "enum" or "record" or "namespace" or "extension");
    }

    /// <summary>Where the first equals sign stands that is in no brackets, or -1.</summary>
    private static int Assigned(string header)
    {
        int depth = 0;
        for (int i = 0; i < header.Length; i++)
        {
            depth += header[i] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            if (header[i] == '=' && depth == 0)
                return i;
        }
        return -1;
    }

    private static int Closing(string code, int open)
    {
        int depth = 0;
        for (int i = open; i < code.Length; i++)
        {
            depth += code[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                return i;
        }
        return code.Length - 1;
    }

    /// <summary>Where the comment, string or character that begins here ends; here itself when none begins.</summary>
    private static int EndOfNoCode(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//"))
            return EndOf(text, at, "\n") - 1;
        if (rest.StartsWith("/*"))
            return EndOf(text, at + 2, "*/");
        if (rest[0] == '\'')
            return EndOfQuoted(text, at, '\'');
        int quote = at;
        while (quote < text.Length && text[quote] is '$' or '@')
            quote++;
        if (quote >= text.Length || text[quote] != '"')
            return at;
        int quotes = 0;
        while (quote + quotes < text.Length && text[quote + quotes] == '"')
            quotes++;
        if (quotes >= 3)
            return EndOf(text, quote + quotes, new string('"', quotes));
        if (!text.AsSpan(at, quote - at).Contains('@'))
            return EndOfQuoted(text, quote, '"');
        int end = quote + 1;
        while (end < text.Length && (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"')))
            end += text[end] == '"' ? 2 : 1;
        return Math.Min(end + 1, text.Length);
    }

    private static int EndOf(string text, int from, string mark)
    {
        int found = text.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + mark.Length;
    }

    /// <summary>Holes of interpolated strings may hold strings of their own.</summary>
    private static int EndOfQuoted(string text, int open, char quote)
    {
        bool interpolated = open > 0 && text[open - 1] == '$';
        int depth = 0;
        for (int i = open + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (interpolated && text[i] is '{' or '}')
                depth = Math.Max(0, depth + (text[i] == '{' ? 1 : -1));
            else if (text[i] == quote && depth == 0)
                return i + 1;
            else if (text[i] == '"' && depth > 0)
                i = EndOfQuoted(text, i, '"') - 1;
        }
        return text.Length;
    }
}
